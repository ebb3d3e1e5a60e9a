import { Module } from '@nestjs/common';
import { CatalogDeletionsController } from './catalog-deletions.controller.js';
import { CatalogDeletions } from './catalog-deletions.service.js';
import { CatalogsController } from './catalogs.controller.js';

@Module({
  controllers: [CatalogsController, CatalogDeletionsController],
  providers: [CatalogDeletions],
})
export class CatalogsModule {}
