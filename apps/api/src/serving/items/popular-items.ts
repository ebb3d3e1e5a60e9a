import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { PopularItemsRepository, type CountedItems, type PopularityWindow } from '#data';
import { CacheCounts, DomainError, SingleFlight } from '#domain';
import { HeavyReads } from '../../common/concurrency/heavy-reads.js';

const DAY_MS = 86_400_000;
/** How long a count is answered at most. */
const LIFE_MS = 60_000;
/**
 * A count is answered this many times as long as it took, so that counting takes one part in a
 * hundred of the time.
 */
const LIFE_FACTOR = 100;
/** How long a list waits for the usual count. */
const MOST_WAIT_MS = 1_000;
const MOST_CATALOGS = 1_000;
/** Memory of all counts of all catalogs together. */
const CACHE_BYTES = 32 * 1024 * 1024;
const OVERHEAD_BYTES = 1_024;

/** What a request says of the interactions that count. */
export interface PopularityOptions {
  readonly windowDays?: number | undefined;
  readonly halfLifeDays?: number | undefined;
  readonly types?: readonly string[];
  readonly userTag?: string | undefined;
}

export interface CountedWindow {
  readonly window: PopularityWindow;
  readonly counted: CountedItems;
}

interface CountOptions {
  readonly windowDays: number | null;
  readonly halfLifeDays: number | null;
  /** Distinct names of types, ascending. */
  readonly names: string[];
  readonly userTag: string | null;
}

/** Everything that is stored. */
const ALL = { windowDays: null, halfLifeDays: null, userTag: null };

/** Popularity by interactions, as it was counted a minute ago at most. */
@Injectable()
export class PopularItems {
  readonly counts = new CacheCounts();
  readonly #cached = new LRUCache<string, CountedWindow>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ counted }) => OVERHEAD_BYTES + 8 * counted.itemKeys.length,
    ttl: LIFE_MS,
    noDeleteOnStaleGet: true,
  });
  /** Catalogs that could not be counted within the last minute. */
  readonly #failed = new LRUCache<string, true>({ max: MOST_CATALOGS, ttl: LIFE_MS });
  readonly #counting = new SingleFlight<CountedWindow>();
  #generation = 0;

  constructor(
    private readonly items: PopularItemsRepository,
    private readonly reads: HeavyReads,
  ) {}

  /** @throws DomainError `database-unavailable` */
  async get(catalogId: string, options: PopularityOptions): Promise<CountedWindow> {
    const { windowDays = null, halfLifeDays = null, types = [], userTag = null } = options;
    const names = [...new Set(types)].sort();
    const what = { windowDays, halfLifeDays, names, userTag };
    const key = this.#keyOf(catalogId, what);
    return (
      this.#get(key) ??
      this.#counting.run(key, () =>
        this.reads.run(async () => {
          const start = performance.now();
          const counted = await this.#count(catalogId, what);
          const life = LIFE_FACTOR * (performance.now() - start);
          this.#cached.set(key, counted, { ttl: Math.ceil(Math.min(LIFE_MS, Math.max(1, life))) });
          return counted;
        }),
      )
    );
  }

  /**
   * The same without options, for lists that must not wait long, nor fail for it: the count before where the
   * next one takes longer than a second or cannot be made, and null where there was none.
   */
  async usual(catalogId: string): Promise<CountedWindow | null> {
    const key = this.#keyOf(catalogId, { ...ALL, names: [] });
    const now = this.#cached.get(key);
    if (now) {
      this.counts.hits++;
      return now;
    }
    const before = this.#cached.peek(key, { allowStale: true }) ?? null;
    if (this.#failed.has(catalogId)) return before;
    const counting = this.get(catalogId, {}).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      this.#failed.set(catalogId, true);
      return before;
    });
    return Promise.race([counting, delay(MOST_WAIT_MS, before, { ref: false })]);
  }

  /** Counts anew from now on, also what is being counted, for all catalogs: counts are short-lived anyway. */
  forget(_catalogId: string): void {
    this.#generation++;
    this.#cached.clear();
    this.#failed.clear();
  }

  /** Memory of the counts of all catalogs. */
  get sizeBytes(): number {
    return this.#cached.calculatedSize;
  }

  #get(key: string): CountedWindow | undefined {
    const counted = this.#cached.get(key);
    this.counts.note(counted !== undefined);
    return counted;
  }

  #keyOf(catalogId: string, { windowDays, halfLifeDays, names, userTag }: CountOptions): string {
    return JSON.stringify([this.#generation, catalogId, windowDays, halfLifeDays, names, userTag]);
  }

  async #count(
    catalogId: string,
    { windowDays, halfLifeDays, names, userTag }: CountOptions,
  ): Promise<CountedWindow> {
    const to = new Date();
    const from = windowDays === null ? null : new Date(to.getTime() - windowDays * DAY_MS);
    const window = { from, to, halfLifeDays, types: names.length > 0 ? names : null, userTag };
    return { window, counted: await this.items.count(catalogId, window) };
  }
}
