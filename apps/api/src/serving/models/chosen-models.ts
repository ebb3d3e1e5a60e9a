import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ModelsRepository } from '#data';
import { DomainError, type Model } from '#domain';
import { Sequence } from '#queue';
import type { CatalogMemory } from '../catalogs/catalog-caches.js';
import { asItIsNow, ServingCatalogs, type ServingCatalog } from '../catalogs/serving-catalogs.js';
import { ActiveModel } from './active-model.js';
import { ModelLoader } from './model-loader.js';

const MEBIBYTE = 1024 * 1024;
/** How long a model is used before it is asked whether it is still there. */
const CONFIRMED_MS = 60_000;
/** What is stored in halves becomes floats, twice. */
const ARTIFACT_FACTOR = 5;

interface ChosenModel {
  readonly active: ActiveModel;
  /** At most. */
  readonly bytes: number;
  confirmedAt: number;
}

/** Most bytes that a model takes in memory, with its arrays by item. */
export function mostModelBytes({ artifactBytes, numItems }: Model, numKeys: number): number {
  return ARTIFACT_FACTOR * artifactBytes + 4 * (numKeys + numItems + numItems) + numItems;
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
  readonly #loads = new Sequence();

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly models: ModelsRepository,
    private readonly loader: ModelLoader,
    private readonly catalogs: ServingCatalogs,
  ) {}

  /**
   * The catalog with this model in place of the active one.
   *
   * @throws DomainError `model-not-found`, `model-corrupt`, `memory-budget-exceeded`, `database-unavailable`
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

  /** What all of them take at most. */
  get sizeBytes(): number {
    return [...this.#models.values()].reduce((sum, { bytes }) => sum + bytes, 0);
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

  #load(catalog: ServingCatalog, modelId: string, now: number): Promise<ChosenModel> {
    return this.#loads.run(async () => {
      const loaded = this.#get(catalog, modelId, now);
      if (loaded) return loaded;
      const model = await this.models.load(catalog.id, modelId);
      const bytes = mostModelBytes(model, catalog.items.numKeys);
      this.#makeRoom(model, bytes);
      // Its chunks leave Redis soon, since few calls will name it.
      const { served, times } = await this.loader.load(model, model);
      const active = new ActiveModel(model, served, times, this.catalogs.countsOf(model));
      const chosen = { active, bytes, confirmedAt: now };
      // A catalog that is gone meanwhile was forgotten before.
      if (this.catalogs.peek(catalog.id)?.items === catalog.items) this.#models.set(modelId, chosen);
      return chosen;
    });
  }

  #makeRoom({ id }: Model, bytes: number): void {
    const budget = this.environment.CHOSEN_MODELS_MEMORY_MB * MEBIBYTE;
    if (bytes > budget) throw tooLarge(id, bytes, budget);
    for (const oldest of this.#models.keys()) {
      if (this.sizeBytes + bytes <= budget) return;
      this.#models.delete(oldest);
    }
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
