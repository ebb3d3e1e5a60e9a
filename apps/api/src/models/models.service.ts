import { Injectable } from '@nestjs/common';
import { AttributionsRepository, ModelsRepository } from '#data';
import type { Attribution, Model } from '#domain';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import type { PageQuery } from '../common/schemas.js';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { AnswerCounts } from '../serving/answer-counts.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { toModelReply } from './dto/models.dto.js';

/** A model and what became of its lists. */
export interface CountedModel extends Model {
  readonly attribution: Attribution;
}

const NONE: Attribution = { recommendations: 0, interactions: [] };

@Injectable()
export class ModelsService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly attributions: AttributionsRepository,
    private readonly answers: AnswerCounts,
  ) {}

  async load(catalogId: string, modelId: string): Promise<CountedModel> {
    await this.catalogs.get(catalogId);
    return this.#count(await this.models.load(catalogId, modelId));
  }

  async findPage(catalogId: string, query: PageQuery): Promise<CursorPage<CountedModel>> {
    await this.catalogs.get(catalogId);
    const { items, ...page } = await readPage(['models', catalogId], query, (after, limit) =>
      this.models.findPage(catalogId, after, limit),
    );
    return { ...page, items: await this.#countAll(items) };
  }

  /** This process serves the model when the call answers; the others follow within moments. */
  async activate(catalogId: string, modelId: string, call?: IdempotentCall): Promise<CountedModel> {
    const { attribution } = await this.load(catalogId, modelId);
    const counted = (model: Model): CountedModel => ({ ...model, attribution });
    const idempotent = call?.keeping((model: Model) => toModelReply(counted(model)));
    const model = await this.models.activate(catalogId, modelId, idempotent);
    await this.catalogs.refreshModel(catalogId);
    return counted(model);
  }

  async #count(model: Model): Promise<CountedModel> {
    const [counted] = await this.#countAll([model]);
    return counted!;
  }

  /** With the answers that this process has not written yet. */
  async #countAll(models: readonly Model[]): Promise<CountedModel[]> {
    await this.answers.flush();
    const attributions = await this.attributions.find(models.map(({ id }) => id));
    return models.map((model) => ({ ...model, attribution: attributions.get(model.id) ?? NONE }));
  }
}
