import { ShapeError } from '../errors.js';
import { check, type Arena } from '../wasm/memory.js';
import type { TopK, TopKOptions, UserSide } from './scorer.js';

/** The rows of B that were added, as addresses and their number. */
export interface RowsOfHistory {
  readonly matrix: number;
  readonly items: number;
  readonly length: number;
}

/** Scores in the arena's memory; with `rows` they are zero wherever none of these has an entry. */
interface ScoresInMemory {
  readonly scores: number;
  readonly k: number;
  readonly rows?: RowsOfHistory | undefined;
}

/** @throws ShapeError */
export function checkFinite({ history, embedding }: UserSide): void {
  if (![history?.values, embedding].every((values) => values?.every(Number.isFinite) ?? true))
    throw new ShapeError('values must be finite');
}

/**
 * The best of scores that lie in the arena's memory.
 *
 * @throws ShapeError when the mask has not one byte an item
 */
export function selectBest(
  arena: Arena,
  { scores, k, rows }: ScoresInMemory,
  numItems: number,
  { allowed, exclude }: TopKOptions,
): TopK {
  if (allowed && allowed.length !== numItems) throw new ShapeError('one byte an item is needed');
  const length = Math.min(k, numItems);
  const mask = arena.take(numItems);
  const flags = arena.bytes(mask, numItems);
  if (allowed) flags.set(allowed);
  else flags.fill(1);
  for (const item of exclude ?? []) if (item < numItems) flags[item] = 0;
  const [out, found] = [arena.take(length * 4), arena.take(4)];
  const { kernels } = arena;
  check(
    rows
      ? kernels.top_k_of_rows(rows.matrix, rows.items, rows.length, scores, mask, out, length, found)
      : kernels.top_k(scores, mask, numItems, out, length, found),
  );
  const indices = arena.integers(out, arena.integers(found, 1)[0]!).slice();
  return { indices, scores: pick(arena.floats(scores, numItems), indices) };
}

/** A loop, since `Float32Array.from` takes ten times as long. */
function pick(values: Float32Array, indices: Uint32Array): Float32Array {
  const picked = new Float32Array(indices.length);
  for (let at = 0; at < picked.length; at++) picked[at] = values[indices[at]!]!;
  return picked;
}
