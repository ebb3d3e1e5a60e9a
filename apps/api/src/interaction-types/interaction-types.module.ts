import { Module } from '@nestjs/common';
import { InteractionTypesController } from './interaction-types.controller.js';

@Module({ controllers: [InteractionTypesController] })
export class InteractionTypesModule {}
