import { LRUCache } from 'lru-cache';
import type { Metrics, ModelParameters } from '@app/domain';
import type { ComputeThreads, CsrMatrix } from '@app/sparse';
import { holdOut } from '../dataset/split.js';
import { evaluateWhole } from '../evaluation/evaluate-forms.js';
import type { RecommenderKind, SearchSpace } from '../recommender.js';

/** Share of each user's training items on which candidates are compared. */
const VALIDATION_SHARE = 0.1;
const K = 20;
const OBJECTIVE = `ndcg@${K}`;
/** Parts of fits, such as singular vectors, that candidates may have in common. */
const SHARED_PARTS = 6;

export interface Candidate {
  readonly parameters: ModelParameters;
  /** On the validation part. */
  readonly metrics: Metrics;
}

export interface Tuning {
  readonly best: Candidate;
  /** All that were fitted, in their order. */
  readonly candidates: readonly Candidate[];
}

export interface TuneOptions {
  readonly seed: number;
  readonly compute: ComputeThreads;
  readonly onCandidate?: ((candidate: Candidate, best: Candidate) => void) | undefined;
  /** The share of one fit; each candidate starts anew. */
  readonly onFitting?: ((fraction: number) => void) | undefined;
}

/**
 * Chooses parameters on a validation part of the training data, by NDCG@20: from the starting point, steps along the
 * values of one parameter, or of two against each other, are taken as long as they help, in one search space after the
 * other. Parameters in `fixed` stay. Every point is fitted once.
 */
export async function tune(
  kind: RecommenderKind,
  matrix: CsrMatrix,
  fixed: ModelParameters,
  options: TuneOptions,
): Promise<Tuning> {
  const split = holdOut(matrix, { fraction: VALIDATION_SHARE, seed: options.seed });
  const found = new Map<string, Candidate>();
  const cache = new LRUCache<string, object>({ max: SHARED_PARTS });
  let best: Candidate | undefined;

  const measure = async (parameters: ModelParameters): Promise<Candidate> => {
    const name = JSON.stringify(parameters);
    const known = found.get(name);
    if (known) return known;
    const { seed, compute, onFitting } = options;
    const trained = await kind.fit(split.train, parameters, {
      seed,
      compute,
      cache,
      onProgress: onFitting,
    });
    const { metrics } = await evaluateWhole(trained, split, { ks: [K], seed, compute });
    const candidate = { parameters, metrics };
    found.set(name, candidate);
    if (!best || isBetter(candidate, best)) best = candidate;
    options.onCandidate?.(candidate, best);
    return candidate;
  };

  for (const space of spacesFor(kind, fixed)) {
    const axes = Object.entries(space).filter(([name]) => !(name in fixed));
    const parametersAt = (point: readonly number[]) => {
      const chosen = axes.map(([name, { values }], axis) => [name, values[point[axis]!]!]);
      return kind.parameters.parse({ ...fixed, ...Object.fromEntries(chosen) });
    };
    await climb(
      axes.map(([, { start, values }]) => values.indexOf(start)),
      axes.map(([, { values }]) => values.length),
      (point) => measure(parametersAt(point)),
    );
  }
  return { best: best!, candidates: [...found.values()] };
}

/** The spaces in which the given parameters may stay as they are; where there is none, nothing is to choose. */
function spacesFor(kind: RecommenderKind, fixed: ModelParameters): SearchSpace[] {
  const spaces = new Array<SearchSpace>().concat(kind.searchSpace ?? {});
  const possible = spaces.filter((space) => {
    const starts = Object.entries(space).map(([name, { start }]) => [name, start]);
    return kind.parameters.safeParse({ ...Object.fromEntries(starts), ...fixed }).success;
  });
  return possible.length > 0 ? possible : [{}];
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return a.metrics[OBJECTIVE]!.mean > b.metrics[OBJECTIVE]!.mean;
}

/** Takes the first step that helps, again as long as it does, then the next, until none does. */
async function climb(
  start: readonly number[],
  lengths: readonly number[],
  measure: (point: readonly number[]) => Promise<Candidate>,
): Promise<void> {
  const steps = stepsOf(lengths.length);
  let point = start;
  let current = await measure(point);
  for (let moved = true; moved;) {
    moved = false;
    for (const step of steps) {
      for (;;) {
        const next = point.map((index, axis) => index + step[axis]!);
        if (next.some((index, axis) => index < 0 || index >= lengths[axis]!)) break;
        const candidate = await measure(next);
        if (!isBetter(candidate, current)) break;
        [point, current, moved] = [next, candidate, true];
      }
    }
  }
}

/**
 * One axis up or down; or one up and another down, since parameters make up for one another: weighing users less leaves a
 * smaller Gram matrix, which wants a smaller λ.
 */
function stepsOf(numAxes: number): number[][] {
  const axes = Array.from({ length: numAxes }, (_, axis) => axis);
  const unit = (up: number, down = -1) => axes.map((axis) => Number(axis === up) - Number(axis === down));
  const single = axes.flatMap((axis) => [unit(axis), unit(-1, axis)]);
  const trades = axes.flatMap((up) => axes.filter((down) => down !== up).map((down) => unit(up, down)));
  return [...single, ...trades];
}
