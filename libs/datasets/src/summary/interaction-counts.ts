import { LIMITS, type Interaction } from '#domain';
import { LOW_RATING } from '../values/ratings.js';
import type { DatasetSummary, SampleRow } from './dataset-summary.js';
import { hash, hashMore, hashText, KeyCounts } from './key-counts.js';

const SAMPLE_ROWS = 5;
/** Items with fewer interactions are few to learn from. */
const FEW = 5;

const REPEATS = ['repeats', 'repeatsOfOtherWeight', 'undatedRepeats'];

interface TypeCount {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  count: number;
}

/** Pairs are counted beside the events for one share alone, which an estimate does for: these take 3 MiB. */
const PAIR_SLOTS = 2 ** 18;

export interface CountOptions {
  readonly isSet: boolean;
  readonly hasWeights: boolean;
  readonly pairSlots?: number;
  readonly slots?: number;
}

/** Counts interactions as they will be stored. */
export class InteractionCounts {
  readonly #users: KeyCounts;
  readonly #items: KeyCounts;
  readonly #events: KeyCounts;
  readonly #pairs: KeyCounts;
  readonly #types = new Map<string, TypeCount>();
  #lastType: TypeCount | null = null;
  readonly #sample: SampleRow[] = [];
  #rows = 0;
  #repeats = 0;
  #otherWeights = 0;
  #undatedRepeats = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(private readonly options: CountOptions) {
    const { slots, pairSlots = PAIR_SLOTS } = options;
    this.#users = new KeyCounts(false, slots);
    this.#items = new KeyCounts(false, slots);
    this.#events = new KeyCounts(options.hasWeights, slots);
    this.#pairs = new KeyCounts(false, pairSlots);
  }

  get rows(): number {
    return this.#rows;
  }

  add(interaction: Interaction): void {
    const { userId, itemId, type, weight, occurredAt } = interaction;
    this.#rows++;
    hashText(itemId);
    const [itemLow, itemHigh] = [hash.low, hash.high];
    hashText(userId);
    const [userLow, userHigh] = [hash.low, hash.high];
    const known = this.#typeOf(type);
    [hash.low, hash.high] = [userLow, userHigh];
    hashMore(itemLow, itemHigh);
    this.#pairs.add();
    hashMore(known.low, known.high);
    const ms = occurredAt === null ? null : occurredAt.getTime();
    if (ms !== null) hashMore(ms | 0, Math.floor(ms / 2 ** 32));
    if (this.#isRepeat(this.#events.add(weight), { weight, isDated: ms !== null })) return;
    known.count++;
    if (this.#sample.length < SAMPLE_ROWS) this.#sample.push(toSample(interaction));
    if (ms !== null) {
      if (ms < this.#firstMs) this.#firstMs = ms;
      if (ms > this.#lastMs) this.#lastMs = ms;
    }
    [hash.low, hash.high] = [userLow, userHigh];
    this.#users.add();
    [hash.low, hash.high] = [itemLow, itemHigh];
    this.#items.add();
  }

  #isRepeat(before: number, { weight, isDated }: { weight: number; isDated: boolean }): boolean {
    if (before <= 0) return false;
    const { factor } = this.#events;
    if (!isDated && !this.options.isSet) {
      this.#undatedRepeats += factor;
      return false;
    }
    this.#repeats += factor;
    if (this.options.hasWeights && this.#events.firstValue() !== Math.fround(weight))
      this.#otherWeights += factor;
    return true;
  }

  /** Most rows have the type of the row before. */
  #typeOf(name: string): TypeCount {
    if (this.#lastType?.name === name) return this.#lastType;
    this.#lastType = this.#types.get(name) ?? this.#newType(name);
    return this.#lastType;
  }

  #newType(name: string): TypeCount {
    hashText(name);
    const type: TypeCount = { name, low: hash.low, high: hash.high, count: 0 };
    if (this.#types.size <= LIMITS.interactionTypesPerCatalog) this.#types.set(name, type);
    return type;
  }

  /** Names of types, of which one more than a catalog may have are kept. */
  get types(): readonly string[] {
    return [...this.#types.keys()];
  }

  summarize() {
    const pairs = this.#countedPairs();
    const interactions = this.#rows - this.#repeats;
    const lowRatings = this.#types.get(LOW_RATING)?.count ?? 0;
    const [users, items] = [this.#users.size, this.#items.size];
    return {
      users,
      items,
      interactions,
      likes: interactions - lowRatings,
      lowRatings,
      repeats: this.#repeats,
      repeatsOfOtherWeight: this.#otherWeights,
      undatedRepeats: this.#undatedRepeats,
      estimated: this.#estimated(pairs),
      firstDate: toIso(this.#firstMs),
      lastDate: toIso(this.#lastMs),
      density: users * items === 0 ? 0 : Math.min(1, pairs.size / (users * items)),
      interactionsPerUser: medianAndLargest(this.#users.counts()),
      itemsWithFew: {
        below: FEW,
        items: this.#items.counts().filter((count) => count < FEW).length * this.#items.factor,
      },
      types: [...this.#types].map(([type, { count }]) => ({ type, interactions: count })),
      sample: this.#sample,
    } satisfies Partial<DatasetSummary>;
  }

  /** Of one type and without times, each pair is one event. */
  #countedPairs(): KeyCounts {
    return this.#types.size <= 1 && this.#lastMs === -Infinity ? this.#events : this.#pairs;
  }

  #estimated(pairs: KeyCounts): string[] {
    const [users, items, events] = [this.#users, this.#items, this.#events];
    const namesIf = (isExact: boolean, ...names: string[]) => (isExact ? [] : names);
    return [
      ...namesIf(users.isExact, 'users', 'interactionsPerUser'),
      ...namesIf(items.isExact, 'items', 'itemsWithFew'),
      ...namesIf(events.isExact, 'interactions', 'likes', 'lowRatings', 'types', ...REPEATS),
      ...namesIf(users.isExact && items.isExact && pairs.isExact, 'density'),
    ];
  }
}

function toSample({ userId, itemId, type, weight, occurredAt }: Interaction): SampleRow {
  return { userId, itemId, type, weight, occurredAt: occurredAt?.toISOString() ?? null };
}

function toIso(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

function medianAndLargest(counts: Uint32Array): { median: number; largest: number } {
  const sorted = counts.sort();
  const middle = (sorted.length - 1) / 2;
  return {
    median: sorted.length === 0 ? 0 : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    largest: sorted.at(-1) ?? 0,
  };
}
