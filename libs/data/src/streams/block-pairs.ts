import type { RepeatsRule } from '#domain';
import { decay, SMALLEST_VALUE, withNewest } from '../sql/pair-values.sql.js';
import { FixedRowReader } from './binary-copy.js';

/** What a type of a catalog says of its interactions. */
export interface TypeRule {
  readonly typeKey: number;
  readonly trainingWeight: number;
  readonly halfLifeDays: number | null;
  readonly positive: boolean;
  readonly excludesSeen: boolean;
  /** Microseconds after which an item may be answered again; null: never. */
  readonly repeatAfter: number | null;
  readonly repeats: RepeatsRule;
}

/** The {@link TypeRule}s of catalog $1, as JSON. */
export const FIND_TYPE_RULES = `SELECT coalesce(json_agg(json_build_object('typeKey', type_key,
    'trainingWeight', training_weight::float8, 'halfLifeDays', half_life_days::float8, 'positive', positive,
    'excludesSeen', excludes_seen, 'repeats', repeats, 'repeatAfter',
    extract(epoch FROM make_interval(secs => repeat_after_days::float8 * 86400)) * 1000000)), '[]') AS types
  FROM interaction_types WHERE catalog_id = $1`;

/** Where the fields of a row begin. */
const ROW = { user: 6, item: 10, type: 18, occurredAt: 24, weight: 36, decay: 44 } as const;
const [BYTES, BYTES_WITH_DECAY] = [40, 52];

/**
 * Interactions that `condition` on the table `n` selects, which must be all of a user's, in the order of the
 * primary key.
 */
export function selectRows(condition: string, types: readonly TypeRule[]): string {
  const cases = types.flatMap(({ typeKey, halfLifeDays }) =>
    halfLifeDays === null ? [] : `WHEN ${typeKey} THEN ${decay(`${halfLifeDays}::float8`)}`,
  );
  const isPlain = cases.length === 0;
  const decayed = isPlain ? '' : `, CASE n.type_key ${cases.join(' ')} ELSE 1 END`;
  const from = isPlain ? `interactions n WHERE ${condition}` : `${withNewest(condition)} n`;
  // A field costs more than to put two of them into one.
  return `SELECT n.user_key::bigint << 32 | n.item_key, n.type_key, n.occurred_at, n.weight${decayed}
    FROM ${from} ORDER BY n.user_key, n.item_key, n.type_key, n.occurred_at`;
}

/** Pairs that there is room for at first. */
const FIRST_PAIRS = 16_384;
const TWO_32 = 2 ** 32;

/**
 * Pairs by user and item, of the rows of {@link selectRows}: the values that `pairValues` has, at a third of
 * its cost. Times are microseconds from 2000-01-01.
 */
export class BlockPairs {
  length = 0;
  numRows = 0;
  userKeys = new Int32Array(FIRST_PAIRS);
  itemKeys = new Int32Array(FIRST_PAIRS);
  values = new Float32Array(FIRST_PAIRS);
  occurredAt = new Float64Array(FIRST_PAIRS);
  /** 1: its item is left out of lists. */
  excluded = new Uint8Array(FIRST_PAIRS);
  /** When lists may have it again; Infinity: never. -Infinity where it was not left out. */
  opensAt = new Float64Array(FIRST_PAIRS);
  readonly reader: FixedRowReader;
  readonly #rules: TypeRule[] = [];
  #typeKey = -1;
  /** What the type of the last row counts for its pair so far, and the most that another one does. */
  #ofType = 0;
  #ofOthers = 0;
  #liked = -Infinity;
  #disliked = -Infinity;

  constructor(types: readonly TypeRule[]) {
    for (const type of types) this.#rules[type.typeKey] = type;
    this.reader = types.some(({ halfLifeDays }) => halfLifeDays !== null)
      ? new FixedRowReader(BYTES_WITH_DECAY, (view, at) =>
          this.#add(view, at, view.getFloat64(at + ROW.decay)),
        )
      : new FixedRowReader(BYTES, (view, at) => this.#add(view, at, 1));
  }

  get lastUserKey(): number {
    return this.length === 0 ? -1 : this.userKeys[this.length - 1]!;
  }

  #add(view: DataView, offset: number, decayed: number): void {
    this.numRows++;
    const rule = this.#rules[view.getInt16(offset + ROW.type)]!;
    const at = this.#placeOf(view.getInt32(offset + ROW.user), view.getInt32(offset + ROW.item));
    const isFirst = rule.typeKey !== this.#typeKey;
    const occurredAt = readInt64(view, offset + ROW.occurredAt);
    if (isFirst) this.#beginType(rule);
    if (occurredAt > this.occurredAt[at]!) this.occurredAt[at] = occurredAt;
    if (rule.excludesSeen)
      this.#exclude(at, rule.repeatAfter === null ? Infinity : occurredAt + rule.repeatAfter);
    if (rule.positive) {
      const value = Math.max(
        view.getFloat32(offset + ROW.weight) * rule.trainingWeight * decayed,
        SMALLEST_VALUE,
      );
      this.#ofType = isFirst ? value : together(rule.repeats, this.#ofType, value);
      if (occurredAt > this.#liked) this.#liked = occurredAt;
    } else if (occurredAt > this.#disliked) this.#disliked = occurredAt;
    this.values[at] = this.#liked > this.#disliked ? Math.max(this.#ofOthers, this.#ofType) : 0;
  }

  #placeOf(userKey: number, itemKey: number): number {
    const last = this.length - 1;
    if (last >= 0 && this.itemKeys[last] === itemKey && this.userKeys[last] === userKey) return last;
    const at = this.length++;
    if (at === this.userKeys.length) this.#grow();
    this.userKeys[at] = userKey;
    this.itemKeys[at] = itemKey;
    this.occurredAt[at] = -Infinity;
    this.opensAt[at] = -Infinity;
    this.#typeKey = -1;
    this.#ofType = this.#ofOthers = 0;
    this.#liked = this.#disliked = -Infinity;
    return at;
  }

  #beginType({ typeKey }: TypeRule): void {
    this.#typeKey = typeKey;
    this.#ofOthers = Math.max(this.#ofOthers, this.#ofType);
    this.#ofType = 0;
  }

  #exclude(at: number, until: number): void {
    this.excluded[at] = 1;
    if (until > this.opensAt[at]!) this.opensAt[at] = until;
  }

  #grow(): void {
    const larger = <Numbers extends Int32Array | Float32Array | Float64Array | Uint8Array>(from: Numbers) => {
      const to = new (from.constructor as new (length: number) => Numbers)(2 * from.length);
      to.set(from);
      return to;
    };
    this.userKeys = larger(this.userKeys);
    this.itemKeys = larger(this.itemKeys);
    this.values = larger(this.values);
    this.occurredAt = larger(this.occurredAt);
    this.excluded = larger(this.excluded);
    this.opensAt = larger(this.opensAt);
  }
}

/** What the next interaction of a type makes of what those before it count. */
function together(repeats: RepeatsRule, before: number, value: number): number {
  if (repeats === 'max') return Math.max(before, value);
  return repeats === 'sum' ? before + value : value;
}

/** Exact for the times that interactions can have. */
function readInt64(view: DataView, offset: number): number {
  return view.getInt32(offset) * TWO_32 + view.getUint32(offset + 4);
}
