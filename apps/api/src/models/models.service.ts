import { Injectable } from '@nestjs/common';
import { ModelsRepository, type Page } from '@app/data';
import type { Model } from '@app/domain';
import type { PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';

@Injectable()
export class ModelsService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly catalogs: ServingCatalogs,
  ) {}

  async load(catalogId: string, modelId: string): Promise<Model> {
    await this.catalogs.get(catalogId);
    return this.models.load(catalogId, modelId);
  }

  async findPage(catalogId: string, { cursor, limit }: PageQuery): Promise<Page<Model>> {
    await this.catalogs.get(catalogId);
    return this.models.findPage(catalogId, cursor ?? null, limit);
  }

  /** This process serves the model when the call answers; the others follow within moments. */
  async activate(catalogId: string, modelId: string): Promise<Model> {
    await this.catalogs.get(catalogId);
    const model = await this.models.activate(catalogId, modelId);
    await this.catalogs.refreshModel(catalogId);
    return model;
  }
}
