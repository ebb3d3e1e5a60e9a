import { Module } from '@nestjs/common';
import { ImportsModule } from '../imports/imports.module.js';
import { ItemsController } from './items.controller.js';
import { ItemsService } from './items.service.js';

@Module({ imports: [ImportsModule], controllers: [ItemsController], providers: [ItemsService] })
export class ItemsModule {}
