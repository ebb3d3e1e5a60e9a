import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CatalogsRepository,
  ChangeFeed,
  ItemsRepository,
  ModelsRepository,
  type Catalog,
  type CatalogChange,
  type Change,
} from '#data';
import { type Model, type RepeatsRule, Sequence, SingleFlight } from '#domain';
import { ActiveModel, CatalogItems, ModelCounts, type ServingCatalog } from '#ranking';
import { span } from '#tracing';
import { isCorrupt, ModelLoader } from '../models/model-loader.js';

/** After how long it is tried again to catch up with a catalog: twice as long each time, up to a limit. */
export const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

interface Entry {
  readonly id: string;
  readonly items: CatalogItems;
  active: ActiveModel | null;
  cacheEpoch: number;
  basketRepeats: RepeatsRule;
  /** The cache epoch of which `basketRepeats` is known. */
  rulesEpoch: number;
  /** When it was loaded. */
  readonly oldestEpoch: number;
  /** Another one of the same name was created at another time. */
  readonly createdAt: number;
  /** So that of two models the one that was activated last stays. */
  readonly swaps: Sequence;
  retryMs: number;
  /** Set while something of the catalog is to be read again. */
  retry: NodeJS.Timeout | undefined;
}

/** Catalogs in memory, each loaded at its first use and kept up with whatever is committed anywhere. */
@Injectable()
export class ServingCatalogs implements OnApplicationBootstrap {
  readonly #logger = new Logger(ServingCatalogs.name);
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new SingleFlight<Entry>();
  readonly #forgetters: ((catalogId: string) => void)[] = [];
  readonly #countsByKind = new Map<string, ModelCounts>();

  constructor(
    private readonly catalogs: CatalogsRepository,
    private readonly items: ItemsRepository,
    private readonly models: ModelsRepository,
    private readonly loader: ModelLoader,
    private readonly feed: ChangeFeed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.feed.subscribe({
      onChange: (change) => this.#follow(change),
      onResync: () => this.#resync(),
    });
    await this.feed.start();
    await this.#loadAll().catch((error: unknown) =>
      this.#logger.warn({ event: 'serving.not-preloaded', error: String(error) }),
    );
  }

  /** @throws DomainError `catalog-not-found` */
  async get(catalogId: string): Promise<ServingCatalog> {
    return this.#entries.get(catalogId) ?? this.#loading.run(catalogId, () => this.#load(catalogId));
  }

  /** Those that are in memory. */
  get loaded(): readonly ServingCatalog[] {
    return [...this.#entries.values()];
  }

  /** What models were asked for, by their kind. */
  get countsByKind(): ReadonlyMap<string, ModelCounts> {
    return this.#countsByKind;
  }

  /** @returns undefined for a catalog that has not been loaded */
  peek(catalogId: string): ServingCatalog | undefined {
    return this.#entries.get(catalogId);
  }

  /** @param forget called for a catalog that is deleted, and for one whose deletion was missed */
  onForgotten(forget: (catalogId: string) => void): void {
    this.#forgetters.push(forget);
  }

  /** Drops all that this process keeps of a catalog. */
  forget(catalogId: string): void {
    this.#entries.delete(catalogId);
    for (const forget of this.#forgetters) forget(catalogId);
  }

  /** Of a catalog that `get` has answered. */
  cacheEpoch(catalogId: string): number {
    return this.#entries.get(catalogId)?.cacheEpoch ?? 0;
  }

  /**
   * Users that this process has known since are those of this catalog, which has begun above every epoch of a
   * catalog of its name that was deleted. @returns Infinity for a catalog that has not been loaded
   */
  oldestEpoch(catalogId: string): number {
    return this.#entries.get(catalogId)?.oldestEpoch ?? Infinity;
  }

  /** Of a catalog that `get` has answered. */
  activeModel(catalogId: string): ActiveModel | null {
    return this.#entries.get(catalogId)?.active ?? null;
  }

  /** What items count that a basket names more than once. Of a catalog that `get` has answered. */
  basketRepeats(catalogId: string): RepeatsRule {
    return this.#entries.get(catalogId)?.basketRepeats ?? 'max';
  }

  /** Takes in a cache epoch, and the rules that came with it, that this process has just committed. */
  async refreshEpoch(catalogId: string): Promise<void> {
    const entry = this.#entries.get(catalogId);
    if (entry) takeInRules(entry, await this.catalogs.load(catalogId));
  }

  /** Makes every cached user of a catalog unreadable, here at once. */
  async raiseEpoch(catalogId: string): Promise<void> {
    await this.catalogs.raiseCacheEpoch(catalogId);
    await this.refreshEpoch(catalogId);
  }

  /** Takes in item changes that this process has just committed. */
  async refreshItems(catalogId: string): Promise<void> {
    await this.#entries.get(catalogId)?.items.refresh();
  }

  /** Swaps in the model that Postgres says is active. */
  async refreshModel(catalogId: string): Promise<void> {
    const entry = this.#entries.get(catalogId);
    if (entry) await this.#swap(entry);
  }

  #follow(change: Change): void {
    if (change.kind === 'keys-changed') return;
    if (change.kind === 'catalog-deleted') this.forget(change.catalogId);
    const entry = this.#entries.get(change.catalogId);
    if (entry) void this.#inBackground(entry, this.#takeIn(entry, change));
  }

  async #takeIn(entry: Entry, change: CatalogChange): Promise<void> {
    if (change.kind === 'items-changed' && change.revision > entry.items.revision)
      await entry.items.refresh();
    if (change.kind === 'model-activated') await this.#followActivation(entry, change.traceParent);
    if (change.kind === 'cache-epoch-changed') await this.#followEpoch(entry, change.cacheEpoch);
  }

  /** Its span goes on where the model was made active, in whichever process that was. */
  #followActivation(entry: Entry, traceparent: string | undefined): Promise<void> {
    const parent = traceparent === undefined ? {} : { parent: { traceparent } };
    return span('model activation', { kind: 'consumer', ...parent }, () => this.#swap(entry));
  }

  /** The epoch holds at once, so that no history of an older one is served while the rules are read. */
  async #followEpoch(entry: Entry, cacheEpoch: number): Promise<void> {
    entry.cacheEpoch = Math.max(entry.cacheEpoch, cacheEpoch);
    if (entry.rulesEpoch >= cacheEpoch) return;
    const catalog = await this.catalogs.find(entry.id);
    if (catalog?.createdAt.getTime() === entry.createdAt) takeInRules(entry, catalog);
  }

  #resync(): void {
    const sequence = new Sequence();
    for (const entry of this.#entries.values())
      void this.#inBackground(
        entry,
        sequence.run(() => this.#catchUp(entry)),
      );
  }

  /** Reads everything of a catalog anew whose changes may have been missed. */
  async #catchUp(entry: Entry): Promise<void> {
    const catalog = await this.catalogs.find(entry.id);
    if (catalog?.createdAt.getTime() !== entry.createdAt) {
      if (this.#entries.get(entry.id) === entry) this.forget(entry.id);
      return;
    }
    takeInRules(entry, catalog);
    await entry.items.refresh();
    await this.#swap(entry);
  }

  #swap(entry: Entry): Promise<void> {
    return entry.swaps.run(async () => {
      entry.active = await this.#loadActive(entry.id, entry.active);
    });
  }

  async #loadAll(): Promise<void> {
    for (const { id } of await this.catalogs.findAll()) await this.get(id);
  }

  async #load(catalogId: string): Promise<Entry> {
    const { cacheEpoch, createdAt, basketRepeats } = await this.catalogs.load(catalogId);
    const entry: Entry = {
      id: catalogId,
      items: new CatalogItems(this.items, catalogId),
      active: null,
      cacheEpoch,
      basketRepeats,
      rulesEpoch: cacheEpoch,
      oldestEpoch: cacheEpoch,
      createdAt: createdAt.getTime(),
      swaps: new Sequence(),
      retryMs: FIRST_RETRY_MS,
      retry: undefined,
    };
    await entry.items.refresh();
    entry.active = await this.#loadActive(catalogId, null);
    this.#entries.set(catalogId, entry);
    // Changes between the reads above and now had no entry to go to.
    void this.#inBackground(entry, this.#catchUp(entry));
    return entry;
  }

  async #loadActive(catalogId: string, current: ActiveModel | null): Promise<ActiveModel | null> {
    const model = await this.models.findActive(catalogId);
    if (!model || model.id === current?.model.id) return current;
    try {
      const { served, times } = await this.loader.load(model, current?.model ?? null);
      this.#logger.log({ event: 'model.swapped-in', catalogId, modelId: model.id });
      return new ActiveModel(model, served, times, this.countsOf(model));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      this.#logger.error({ event: 'model.corrupt', catalogId, modelId: model.id, error: error.message });
      return current;
    }
  }

  countsOf({ kind }: Model): ModelCounts {
    const counts = this.#countsByKind.get(kind) ?? new ModelCounts();
    this.#countsByKind.set(kind, counts);
    return counts;
  }

  /** Nobody tells a change again: what could not be taken in is read later. */
  async #inBackground(entry: Entry, work: Promise<void>): Promise<void> {
    try {
      await work;
      if (!entry.retry) entry.retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.#logger.warn({ event: 'serving.refresh-failed', catalogId: entry.id, error: String(error) });
      this.#catchUpLater(entry);
    }
  }

  #catchUpLater(entry: Entry): void {
    if (entry.retry) return;
    entry.retry = setTimeout(() => {
      entry.retry = undefined;
      if (this.#entries.get(entry.id) === entry) void this.#inBackground(entry, this.#catchUp(entry));
    }, entry.retryMs).unref();
    entry.retryMs = Math.min(2 * entry.retryMs, LAST_RETRY_MS);
  }
}

/** Of two reads the one of the older epoch may end last, and changes nothing then. */
function takeInRules(entry: Entry, { cacheEpoch, basketRepeats }: Catalog): void {
  entry.cacheEpoch = Math.max(entry.cacheEpoch, cacheEpoch);
  if (cacheEpoch < entry.rulesEpoch) return;
  Object.assign(entry, { basketRepeats, rulesEpoch: cacheEpoch });
}
