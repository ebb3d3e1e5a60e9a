import { LRUCache } from 'lru-cache';
import { DomainError, type Metrics, type ModelParameters } from '#domain';
import type { ComputeThreads, CsrMatrix } from '#sparse';
import { holdOut, sampleRows, type Split } from '../dataset/split.js';
import { evaluateWhole } from '../evaluation/evaluate-forms.js';
import type { RecommenderKind, SearchAxis, SearchSpace } from '../recommender.js';

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
  /** Candidates are fitted and compared on it; absent: on a random part of the matrix. */
  readonly validation?: Split | undefined;
  /** Candidates are compared on this many users, drawn at random, where there are more; absent: on all. */
  readonly sampleUsers?: number | undefined;
  readonly onCandidate?: ((candidate: Candidate, best: Candidate) => void) | undefined;
  /** A candidate that float32 cannot solve, and why; it counts as worse than any other. */
  readonly onSingular?: ((parameters: ModelParameters, reason: DomainError) => void) | undefined;
  /** The share of one fit; each candidate starts anew. */
  readonly onFitting?: ((fraction: number) => void) | undefined;
}

/**
 * Chooses parameters on a validation part of the training data, given or random, by NDCG@20: from the
 * starting point, steps along the values of one parameter, or of two against each other, are taken as long as
 * they help, in one search space after the other. Parameters in `fixed` stay. Every point is fitted once.
 *
 * @throws DomainError `numerically-singular` when that holds for every candidate
 */
export async function tune(
  kind: RecommenderKind,
  matrix: CsrMatrix,
  fixed: ModelParameters,
  options: TuneOptions,
): Promise<Tuning> {
  const candidates = new Candidates(kind, matrix, options);
  for (const space of spacesFor(kind, fixed)) {
    const axes = Object.entries(space).filter(([name, axis]) => !(name in fixed) && matters(axis, fixed));
    const parametersAt = (point: readonly number[]) => {
      const chosen = axes.map(([name, { values }], axis) => [name, values[point[axis]!]!]);
      return kind.parameters.parse({ ...fixed, ...Object.fromEntries(chosen) });
    };
    await climb(axes, (point) => candidates.measure(parametersAt(point)));
  }
  return candidates.tuning;
}

/** Points that were tried, by parameters. */
class Candidates {
  readonly #split: Split;
  readonly #cache = new LRUCache<string, object>({ max: SHARED_PARTS });
  readonly #found = new Map<string, Candidate>();
  readonly #singular = new Map<string, DomainError>();
  #best: Candidate | undefined;

  constructor(
    readonly kind: RecommenderKind,
    matrix: CsrMatrix,
    readonly options: TuneOptions,
  ) {
    const { seed, validation, sampleUsers = matrix.numRows } = options;
    const sample = (rows: CsrMatrix) => sampleRows(rows, sampleUsers, seed);
    this.#split = validation
      ? { train: sample(validation.train), test: sample(validation.test) }
      : holdOut(sample(matrix), { fraction: VALIDATION_SHARE, seed });
  }

  /** @returns the objective, −∞ of a candidate that float32 cannot solve */
  async measure(parameters: ModelParameters): Promise<number> {
    const name = JSON.stringify(parameters);
    if (this.#singular.has(name)) return -Infinity;
    try {
      const candidate = this.#found.get(name) ?? (await this.#fit(name, parameters));
      return objectiveOf(candidate);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'numerically-singular') throw error;
      this.#singular.set(name, error);
      this.options.onSingular?.(parameters, error);
      return -Infinity;
    }
  }

  get tuning(): Tuning {
    const [reason] = this.#singular.values();
    if (this.#best) return { best: this.#best, candidates: [...this.#found.values()] };
    throw reason ?? new Error('nothing was tried');
  }

  async #fit(name: string, parameters: ModelParameters): Promise<Candidate> {
    const { seed, compute, onFitting, onCandidate } = this.options;
    const context = { seed, compute, cache: this.#cache, onProgress: onFitting };
    const trained = await this.kind.fit(this.#split.train, parameters, context);
    const { metrics } = await evaluateWhole(trained, this.#split, { ks: [K], seed, compute });
    const candidate = { parameters, metrics };
    this.#found.set(name, candidate);
    if (!this.#best || objectiveOf(candidate) > objectiveOf(this.#best)) this.#best = candidate;
    onCandidate?.(candidate, this.#best);
    return candidate;
  }
}

/**
 * The spaces in which the given parameters may stay as they are; where there is none, nothing is to choose.
 */
function spacesFor(kind: RecommenderKind, fixed: ModelParameters): SearchSpace[] {
  const spaces = new Array<SearchSpace>().concat(kind.searchSpace ?? {});
  const possible = spaces.filter((space) => {
    const starts = Object.entries(space).map(([name, { start }]) => [name, start]);
    return kind.parameters.safeParse({ ...Object.fromEntries(starts), ...fixed }).success;
  });
  return possible.length > 0 ? possible : [{}];
}

function matters({ onlyWith = {} }: SearchAxis, fixed: ModelParameters): boolean {
  return Object.entries(onlyWith).every(([name, value]) => fixed[name] === value);
}

function objectiveOf({ metrics }: Candidate): number {
  return metrics[OBJECTIVE]!.mean;
}

type NamedAxis = readonly [name: string, axis: SearchAxis];

/** Takes the first step that helps, again as long as it does, then the next, until none does. */
async function climb(
  axes: readonly NamedAxis[],
  measure: (point: readonly number[]) => Promise<number>,
): Promise<void> {
  const steps = stepsOf(axes);
  let point = axes.map(([, { start, values }]) => values.indexOf(start));
  let current = await measure(point);
  for (let moved = true; moved;) {
    moved = false;
    for (const step of steps) {
      for (;;) {
        const next = point.map((index, axis) => index + step[axis]!);
        if (next.some((index, axis) => index < 0 || index >= axes[axis]![1].values.length)) break;
        const objective = await measure(next);
        if (objective <= current) break;
        [point, current, moved] = [next, objective, true];
      }
    }
  }
}

/** One axis up or down; or one up and another down, where they make up for one another. */
function stepsOf(axes: readonly NamedAxis[]): number[][] {
  const unit = (up: string, down?: string) =>
    axes.map(([name]) => Number(name === up) - Number(name === down));
  const negative = (step: number[]) => step.map((change) => 0 - change);
  const names = axes.map(([name]) => name);
  const single = names.map((name) => unit(name));
  const trades = axes.flatMap(([name, { tradesWith = [] }]) =>
    tradesWith.filter((other) => names.includes(other)).map((other) => unit(name, other)),
  );
  return [...single, ...trades].flatMap((step) => [step, negative(step)]);
}
