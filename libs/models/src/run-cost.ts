import type { FitEstimate, MatrixShape } from './recommender.js';

/** Row: user key and row pointer. */
const BYTES_PER_USER = 8;
const BYTES_PER_ITEM = 4;
/** Column index and value. */
const BYTES_PER_PAIR = 8;

/**
 * Memory that a run needs, in bytes: the snapshot, its held-out split (together as large as the snapshot),
 * what the fit takes at its peak, and the encoded model; with what solving its blocks apart from it takes,
 * which the same worker may have to do.
 */
export function estimateRunBytes(shape: MatrixShape, fit: FitEstimate): number {
  const snapshotBytes =
    shape.numUsers * BYTES_PER_USER + shape.numItems * BYTES_PER_ITEM + shape.nnz * BYTES_PER_PAIR;
  return 2 * snapshotBytes + fit.peakBytes + (fit.flowBytes ?? 0) + fit.artifactBytes;
}

/** A run that has ended, of any kind. */
export interface MeasuredRun {
  readonly fit: FitEstimate;
  readonly nnz: number;
  /** By stage. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** FLOPs a second of a core, and pairs that a run reads, evaluates and writes in one, where none has been. */
const ASSUMED_FLOPS = 5e9;
const ASSUMED_PAIRS = 100_000;
/** A run fits without what it holds out, and then with it. */
const FITS = 2;
/** A comparison of kinds is no part of a run without one. */
const FIT_STAGES = new Set(['fitting', 'refitting']);
const OTHER_STAGES = new Set(['loading', 'evaluating', 'writing']);

/**
 * Time of a run in seconds: what a run before has taken to fit, by FLOPs, and beside that, by pairs.
 *
 * @param before on the same machine, best of the same kind; null: there was none
 */
export function estimateRunSeconds(
  { fit, nnz, threads }: { readonly fit: FitEstimate; readonly nnz: number; readonly threads: number },
  before: MeasuredRun | null,
): number {
  if (!before) return (FITS * fit.flops) / (threads * ASSUMED_FLOPS) + nnz / ASSUMED_PAIRS;
  const sumOf = (stages: ReadonlySet<string>) =>
    Object.entries(before.timingsMs).reduce((sum, [stage, ms]) => sum + (stages.has(stage) ? ms : 0), 0);
  const byPairs = nnz / Math.max(1, before.nnz);
  // There are kinds that compute next to nothing.
  const byFlops = before.fit.flops > 0 ? fit.flops / before.fit.flops : byPairs;
  return (sumOf(FIT_STAGES) * byFlops + sumOf(OTHER_STAGES) * byPairs) / 1_000;
}
