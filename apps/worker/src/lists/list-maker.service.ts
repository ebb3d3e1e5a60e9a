import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import {
  artifactCorrupt,
  ItemPropertiesRepository,
  ItemsRepository,
  ModelsRepository,
  readChunks,
} from '#data';
import { DomainError, type ListJob, type Model } from '#domain';
import { ComputeThreads, decodeServedModel } from '#models';
import {
  BatchModel,
  CatalogItems,
  filterSchema,
  ItemColumns,
  mostModelBytes,
  NewItemCatalogs,
} from '#ranking';
import { JobLists } from './job-lists.js';

const MEBIBYTE = 1024 * 1024;

/** Loads what the lists of a job are made of. */
@Injectable()
export class ListMakerService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly items: ItemsRepository,
    private readonly properties: ItemPropertiesRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** @throws DomainError `model-not-found`, `model-corrupt`, `memory-budget-exceeded` */
  async open(job: ListJob): Promise<JobLists> {
    const { catalogId } = job;
    const model = await this.models.load(catalogId, job.modelId);
    const items = new CatalogItems(this.items, catalogId);
    await items.refresh();
    this.#assertWithinBudget(model, items.numKeys);
    const active = new BatchModel(model, decodeServedModel(await this.#loadArtifact(model)));
    const columns = new ItemColumns(this.properties);
    return new JobLists(
      job,
      { id: catalogId, items, active },
      {
        columns,
        newItems: new NewItemCatalogs(columns),
        compute: new ComputeThreads({ threads: this.environment.TRAINING_THREADS }),
        filter: job.filter && filterSchema.parse(job.filter),
      },
    );
  }

  async #loadArtifact(model: Model): Promise<Uint8Array> {
    const bytes = new Uint8Array(new SharedArrayBuffer(model.artifactBytes));
    const read = async (position: number) =>
      (await this.models.loadArtifactChunk(model.id, position)) ?? new Uint8Array();
    const isRight = await readChunks(model, read, (chunk, offset) => bytes.set(chunk, offset));
    if (!isRight) throw artifactCorrupt(model.id);
    return bytes;
  }

  /** Each compute thread has a copy of the item side. */
  #assertWithinBudget(model: Model, numKeys: number): void {
    const { TRAINING_THREADS: threads, TRAINING_MEMORY_MB: budget } = this.environment;
    const neededBytes = (1 + threads) * mostModelBytes(model, numKeys);
    const budgetBytes = budget * MEBIBYTE;
    if (neededBytes <= budgetBytes) return;
    throw new DomainError(
      'memory-budget-exceeded',
      `Lists by the model ${model.id} need up to ${neededBytes} bytes in ${threads} threads; the budget is ${budgetBytes} bytes (TRAINING_MEMORY_MB)`,
      { extensions: { neededBytes, budgetBytes } },
    );
  }
}
