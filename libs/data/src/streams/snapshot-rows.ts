import { sortEntries, TurnTaking } from '#domain';
import { TripleReader } from './binary-copy.js';
import { GrowableArray } from './growable-array.js';
import { KeySet } from './key-set.js';

/** The pairs of a catalog as they stream out: by user key, then by item key. */
export class StreamedPairs {
  /** One a row. */
  readonly userKeys = new GrowableArray(Int32Array);
  /** Where each row begins. */
  readonly starts = new GrowableArray(Uint32Array);
  readonly itemKeys: GrowableArray<Uint32Array>;
  readonly values: GrowableArray<Float32Array>;
  readonly users = new KeySet();
  readonly items = new KeySet();
  #lastUser = -1;

  readonly reader = new TripleReader((userKey, itemKey, value) => {
    if (userKey !== this.#lastUser) {
      this.userKeys.push(userKey);
      this.users.add(userKey);
      this.starts.push(this.length);
      this.#lastUser = userKey;
    }
    this.itemKeys.push(itemKey);
    this.items.add(itemKey);
    this.values.push(value);
  });

  /** @param capacity most pairs that come; only those that do take memory */
  constructor(capacity: number) {
    this.itemKeys = new GrowableArray(Uint32Array, capacity);
    this.values = new GrowableArray(Float32Array, capacity);
  }

  get length(): number {
    return this.values.length;
  }
}

/** A matrix in CSR. */
export interface SnapshotRows {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** The keys of rows and of columns, in their order. */
export interface RowsAndColumns {
  readonly userKeys: Int32Array;
  readonly itemKeys: Int32Array;
}

/** Pairs between two looks at the clock. */
const PAIRS_PER_STEP = 1 << 16;

/** Does work on many pairs in steps, between which others have their turn. */
export class Steps {
  readonly #turns = new TurnTaking();
  #done = 0;

  constructor(private readonly signal?: AbortSignal) {}

  /** To be awaited after so many pairs, where {@link isDue}. @throws the reason of the signal */
  async pause(): Promise<void> {
    this.#done = 0;
    await this.#turns.pause();
    this.signal?.throwIfAborted();
  }

  /** Counts pairs that are done. */
  isDue(pairs: number): boolean {
    this.#done += pairs;
    return this.#done >= PAIRS_PER_STEP;
  }
}

/**
 * Brings rows and columns into another order. Of the pairs, which are empty afterwards, there is never more
 * in memory than once and a copy of their columns, or of their values.
 *
 * @param order has all keys of the pairs
 */
export async function arrangeRows(
  pairs: StreamedPairs,
  order: RowsAndColumns,
  steps = new Steps(),
): Promise<SnapshotRows> {
  pairs.starts.push(pairs.length);
  const starts = pairs.starts.take();
  const rows = placesOf(pairs.userKeys.take(), order.userKeys);
  let indices = pairs.itemKeys.take();
  let values = pairs.values.take();
  await toColumns(indices, order.itemKeys, steps);
  for (let row = 0; row + 1 < starts.length; row++) {
    sortEntries(indices, values, starts[row], starts[row + 1]);
    if (steps.isDue(1 + starts[row + 1]! - starts[row]!)) await steps.pause();
  }
  if (rows.every((row, place) => row === place)) return { indptr: starts, indices, values };
  const indptr = startsOf(rows, starts);
  const permute = <Kind extends Uint32Array | Float32Array>(from: Kind, to: Kind) =>
    copyRows({ rows, starts, indptr }, from, to, steps);
  indices = await permute(indices, new Uint32Array(new SharedArrayBuffer(indices.byteLength)));
  values = await permute(values, new Float32Array(new SharedArrayBuffer(values.byteLength)));
  return { indptr, indices, values };
}

/** Where each key of `wanted` is in `keys`. */
function placesOf(keys: Int32Array, wanted: Int32Array): Int32Array {
  const places = inverseOf(keys);
  return wanted.map((key) => places[key]!);
}

/** The place of each key. */
function inverseOf(keys: Int32Array): Int32Array {
  const places = new Int32Array(keys.reduce((max, key) => Math.max(max, key), -1) + 1);
  keys.forEach((key, place) => (places[key] = place));
  return places;
}

async function toColumns(indices: Uint32Array, itemKeys: Int32Array, steps: Steps): Promise<void> {
  const columns = inverseOf(itemKeys);
  for (let e = 0; e < indices.length; e++) {
    indices[e] = columns[indices[e]!]!;
    if (steps.isDue(1)) await steps.pause();
  }
}

function startsOf(rows: Int32Array, starts: Uint32Array): Uint32Array {
  const indptr = new Uint32Array(new SharedArrayBuffer(starts.byteLength));
  rows.forEach((row, place) => (indptr[place + 1] = indptr[place]! + starts[row + 1]! - starts[row]!));
  return indptr;
}

interface Permutation {
  /** Row of `starts` that each row of `indptr` is. */
  readonly rows: Int32Array;
  readonly starts: Uint32Array;
  readonly indptr: Uint32Array;
}

async function copyRows<Kind extends Uint32Array | Float32Array>(
  { rows, starts, indptr }: Permutation,
  from: Kind,
  to: Kind,
  steps: Steps,
): Promise<Kind> {
  for (let place = 0; place < rows.length; place++) {
    const start = starts[rows[place]!]!;
    const [at, end] = [indptr[place]!, indptr[place + 1]!];
    for (let e = at; e < end; e++) to[e] = from[start + e - at]!;
    if (steps.isDue(1 + end - at)) await steps.pause();
  }
  return to;
}
