import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ModelsRepository } from '#data';
import { DomainError, SingleFlight } from '#domain';
import { ActiveModel, asItIsNow, mostModelBytes, NewItemCatalogs, type ServingCatalog } from '#ranking';
import { WaitingLine } from '../../common/concurrency/waiting-line.js';
import type { CatalogMemory } from '../catalogs/catalog-caches.js';
import { ServingCatalogs } from '../catalogs/serving-catalogs.js';
import { ModelLoader } from './model-loader.js';

const MEBIBYTE = 1024 * 1024;
/** How long a model is used before it is asked whether it is still there. */
const CONFIRMED_MS = 60_000;
/** Models that may wait to be loaded; each takes up to seconds. */
const MAX_WAITING = 7;
const RETRY_AFTER_SECONDS = 5;

interface ChosenModel {
  readonly active: ActiveModel;
  /** At most. */
  readonly bytes: number;
  confirmedAt: number;
}

/**
 * Models that calls name beside the active ones. Each is loaded at its first use, one after another, and
 * stays until others need its part of `CHOSEN_MODELS_MEMORY_MB`: the one that was not used for longest goes
 * first.
 */
@Injectable()
export class ChosenModels implements CatalogMemory {
  /** By id, the one that was not used for longest first. */
  readonly #models = new Map<string, ChosenModel>();
  readonly #loads = new SingleFlight<ChosenModel>();
  readonly #line = new WaitingLine({
    width: 1,
    room: MAX_WAITING,
    code: 'too-busy',
    detail: 'Too many models that calls name wait to be loaded',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly models: ModelsRepository,
    private readonly loader: ModelLoader,
    private readonly catalogs: ServingCatalogs,
    private readonly newItems: NewItemCatalogs,
  ) {}

  /**
   * The catalog with this model in place of the active one.
   *
   * @throws DomainError `model-not-found`, `model-corrupt`, `memory-budget-exceeded`, `database-unavailable`,
   * `too-busy` when too many others wait to be loaded
   */
  async of(catalog: ServingCatalog, modelId: string, now = Date.now()): Promise<ServingCatalog> {
    if (catalog.active?.model.id === modelId) {
      this.#models.delete(modelId);
      // Another one may become active before the list is made.
      return asItIsNow(catalog);
    }
    const chosen = await (this.#get(catalog, modelId, now) ?? this.#load(catalog, modelId, now));
    return { ...asItIsNow(catalog), active: chosen.active };
  }

  /** Of a catalog that is deleted. */
  forget(catalogId: string): void {
    for (const { active } of this.#of(catalogId)) this.#models.delete(active.model.id);
  }

  /** Models of a catalog that are in memory. */
  loaded(catalogId: string): ActiveModel[] {
    return this.#of(catalogId).map(({ active }) => active);
  }

  /** What all of them take at most, with the new items beside them. */
  get sizeBytes(): number {
    const sizeOf = ({ active, bytes }: ChosenModel) => bytes + this.newItems.sizeBytes(active);
    return [...this.#models.values()].reduce((sum, chosen) => sum + sizeOf(chosen), 0);
  }

  #of(catalogId: string): ChosenModel[] {
    return [...this.#models.values()].filter(({ active }) => active.model.catalogId === catalogId);
  }

  #get(catalog: ServingCatalog, modelId: string, now: number): Promise<ChosenModel> | ChosenModel | null {
    const chosen = this.#models.get(modelId);
    if (chosen?.active.model.catalogId !== catalog.id) return null;
    this.#models.delete(modelId);
    this.#models.set(modelId, chosen);
    return now - chosen.confirmedAt < CONFIRMED_MS ? chosen : this.#confirm(chosen, now);
  }

  /** Models are pruned, and nobody tells of it. */
  async #confirm(chosen: ChosenModel, now: number): Promise<ChosenModel> {
    const { id, catalogId } = chosen.active.model;
    // Nobody else asks meanwhile.
    chosen.confirmedAt = now;
    try {
      await this.models.load(catalogId, id);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Without the database a model goes on to answer, as the active one does.
      if (error.code === 'model-not-found') {
        this.#models.delete(id);
        throw error;
      }
    }
    return chosen;
  }

  /** One that there is not, or that is too large, is refused at once, whoever waits. */
  #load(catalog: ServingCatalog, modelId: string, now: number): Promise<ChosenModel> {
    return this.#loads.run(`${catalog.id} ${modelId}`, async () => {
      const bytes = await this.#bytesOf(catalog, modelId);
      return this.#line.run(async () => {
        this.#makeRoom(bytes);
        // It may be pruned by now.
        const model = await this.models.load(catalog.id, modelId);
        // Its chunks leave Redis soon, since few calls will name it.
        const { served, times } = await this.loader.load(model, model);
        const active = new ActiveModel(model, served, times, this.catalogs.countsOf(model));
        const chosen = { active, bytes, confirmedAt: now };
        // A catalog that is gone meanwhile was forgotten before.
        if (this.catalogs.peek(catalog.id)?.items === catalog.items) this.#models.set(modelId, chosen);
        return chosen;
      });
    });
  }

  async #bytesOf(catalog: ServingCatalog, modelId: string): Promise<number> {
    const model = await this.models.load(catalog.id, modelId);
    const bytes = mostModelBytes(model, catalog.items.numKeys);
    if (bytes > this.#budget) throw tooLarge(modelId, bytes, this.#budget);
    return bytes;
  }

  #makeRoom(bytes: number): void {
    for (const oldest of this.#models.keys()) {
      if (this.sizeBytes + bytes <= this.#budget) return;
      this.#models.delete(oldest);
    }
  }

  get #budget(): number {
    return this.environment.CHOSEN_MODELS_MEMORY_MB * MEBIBYTE;
  }
}

function tooLarge(modelId: string, neededBytes: number, budgetBytes: number): DomainError {
  return new DomainError(
    'memory-budget-exceeded',
    `The model "${modelId}" takes up to ${toMebibytes(neededBytes)} MiB in memory, and CHOSEN_MODELS_MEMORY_MB is ${budgetBytes / MEBIBYTE}. Activate it, or raise the budget`,
    { extensions: { neededBytes, budgetBytes } },
  );
}

function toMebibytes(bytes: number): number {
  return Math.ceil(bytes / MEBIBYTE);
}
