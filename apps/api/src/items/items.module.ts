import { Module } from '@nestjs/common';
import { ImportsModule } from '../imports/imports.module.js';
import { ItemBatchesService } from './item-batches.service.js';
import { ItemDeletionsController } from './item-deletions.controller.js';
import { ItemsController } from './items.controller.js';
import { ItemsService } from './items.service.js';

@Module({
  imports: [ImportsModule],
  controllers: [ItemsController, ItemDeletionsController],
  providers: [ItemsService, ItemBatchesService],
})
export class ItemsModule {}
