import { Injectable } from '@nestjs/common';
import { PopularItemsRepository, type CountedItems, type PopularityWindow } from '@app/data';
import { LRUCache } from 'lru-cache';
import { HeavyReads } from './heavy-reads.js';
import { SingleFlight } from './single-flight.js';

const DAY_MS = 86_400_000;
/** How long a count is answered. */
const LIFE_MS = 60_000;
/** Memory of all counts of all catalogs together. */
const CACHE_BYTES = 32 * 1024 * 1024;
const OVERHEAD_BYTES = 1_024;

/** What a request says of the interactions that count. */
export interface PopularityOptions {
  readonly windowDays?: number | undefined;
  readonly halfLifeDays?: number | undefined;
  readonly types?: readonly string[];
}

export interface CountedWindow {
  readonly window: PopularityWindow;
  readonly counted: CountedItems;
}

/** Popularity by interactions, counted anew every minute at most. */
@Injectable()
export class PopularItems {
  readonly #known = new LRUCache<string, CountedWindow>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ counted }) => OVERHEAD_BYTES + 8 * counted.itemKeys.length,
    ttl: LIFE_MS,
  });
  readonly #counting = new SingleFlight<CountedWindow>();
  #generation = 0;

  constructor(
    private readonly items: PopularItemsRepository,
    private readonly reads: HeavyReads,
  ) {}

  /** @throws DomainError `database-unavailable` */
  async get(catalogId: string, options: PopularityOptions): Promise<CountedWindow> {
    const { windowDays = null, halfLifeDays = null, types = [] } = options;
    const names = [...new Set(types)].sort();
    const key = JSON.stringify([this.#generation, catalogId, windowDays, halfLifeDays, names]);
    return (
      this.#known.get(key) ??
      this.#counting.run(key, async () => {
        const counted = await this.reads.run(() =>
          this.#count(catalogId, { windowDays, halfLifeDays, names }),
        );
        this.#known.set(key, counted);
        return counted;
      })
    );
  }

  /** Counts anew from now on, also what is being counted, for all catalogs: counts are short-lived anyway. */
  forget(_catalogId: string): void {
    this.#generation++;
    this.#known.clear();
  }

  async #count(
    catalogId: string,
    options: {
      readonly windowDays: number | null;
      readonly halfLifeDays: number | null;
      readonly names: string[];
    },
  ): Promise<CountedWindow> {
    const { windowDays, halfLifeDays, names } = options;
    const to = new Date();
    const from = windowDays === null ? null : new Date(to.getTime() - windowDays * DAY_MS);
    const window = { from, to, halfLifeDays, types: names.length > 0 ? names : null };
    return { window, counted: await this.items.count(catalogId, window) };
  }
}
