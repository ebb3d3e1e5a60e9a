import { Module } from '@nestjs/common';
import { ModelKindsController } from './model-kinds.controller.js';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';

@Module({ controllers: [ModelsController, ModelKindsController], providers: [ModelsService] })
export class ModelsModule {}
