import type { Metrics, ModelParameters } from '#domain';
import { chooseBest, differencesBetween, type CostLimit, type LeftOut } from '#models';
import { describeParameters, figuresInOneLine } from '../figures.js';
import { runInProcess } from './process.js';
import type { Measured, PassedSplit, Validated } from './step.js';

/** A model that takes part and the parameters that it was given. */
export interface Entry {
  readonly model: string;
  readonly parameters: ModelParameters;
}

export interface LeaderboardOptions {
  readonly split: PassedSplit;
  readonly validation?: PassedSplit | undefined;
  readonly ks: readonly number[];
  readonly seed: number;
  readonly threads: number;
  readonly tune: boolean;
  readonly limit: CostLimit;
}

/** One compared model. */
export type Row = Omit<Measured, 'users' | 'items' | 'interactions' | 'whole' | 'served' | 'evaluateMs'> & {
  readonly model: string;
  readonly parameters: ModelParameters;
  /** On a part of the training data, of the whole model. */
  readonly validation: Metrics;
  /** On the test part, of the whole model. */
  readonly metrics: Metrics;
  /** On the test part as it is served, where that is another form. */
  readonly served?: Metrics;
  readonly coverage: number;
  readonly gini: number;
  /** Recall of each tenth of the items, the most popular first. */
  readonly tailRecall: readonly number[];
  /** This model minus the best one on the same users. */
  readonly differenceToBest: Metrics;
};

export interface Leaderboard {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly models: readonly (Row | LeftOutRow)[];
  readonly baseline: Metrics;
  /** Chosen on validation; absent when every model was left out. */
  readonly best?: { readonly model: string };
}

type Candidate = Entry & Validated;
type Compared = Candidate & { readonly figures: Measured };
type LeftOutRow = Entry & LeftOut;

const BASELINE: Entry = { model: 'popularity', parameters: {} };

/**
 * Compares models on one split. Parameters and the best model are chosen on a part of the training data; the
 * test part is first used when that is over. Each fit has a process of its own, one after the other.
 */
export async function compareModels(
  entries: readonly Entry[],
  options: LeaderboardOptions,
): Promise<Leaderboard> {
  const validated = await inTurn(entries, (entry) => validate(entry, options));
  const outcomes = await inTurn(validated, async (result) =>
    'leftOut' in result ? result : measureCandidate(result, options),
  );
  const compared = outcomes.filter((outcome): outcome is Compared => 'figures' in outcome);
  const best = chooseBest(compared);
  const popularity = compared.find(({ model }) => model === BASELINE.model);
  const baseline = popularity?.figures ?? (await measure(BASELINE, options));
  if ('leftOut' in baseline) throw new Error(`popularity cannot be measured: ${baseline.leftOut}`);
  const { users, items, interactions, whole } = baseline;
  return {
    users,
    items,
    interactions,
    models: outcomes.map((outcome) =>
      'leftOut' in outcome ? outcome : rowOf(outcome, best ?? outcome, options.seed),
    ),
    baseline: whole.metrics,
    ...(best && { best: { model: best.model } }),
  };
}

async function validate(
  { model, parameters }: Entry,
  { split: { train }, validation, seed, threads, tune, limit }: LeaderboardOptions,
): Promise<Candidate | LeftOutRow> {
  const step = {
    step: 'validate',
    model,
    parameters,
    train,
    validation,
    seed,
    threads,
    tune,
    limit,
  } as const;
  const result = await runInProcess(step);
  if ('leftOut' in result) {
    tell(`${model}: left out, ${result.leftOut}`);
    return { model, parameters, ...result };
  }
  tell(
    `${model}: validation ${figuresInOneLine(result.validation)}  ${describeParameters(result.parameters)}`,
  );
  return { model, ...result };
}

async function measureCandidate(
  candidate: Candidate,
  options: LeaderboardOptions,
): Promise<Compared | LeftOutRow> {
  const figures = await measure(candidate, options);
  if (!('leftOut' in figures)) return { ...candidate, figures };
  return { model: candidate.model, parameters: candidate.parameters, leftOut: figures.leftOut };
}

async function measure(
  { model, parameters }: Entry,
  { split, ks, seed, threads }: LeaderboardOptions,
): Promise<Measured | LeftOut> {
  const result = await runInProcess({ step: 'measure', model, parameters, ...split, ks, seed, threads });
  tell(
    'leftOut' in result
      ? `${model}: left out, ${result.leftOut}`
      : `${model}: fitted in ${result.fitMs} ms, measured in ${result.evaluateMs} ms`,
  );
  return result;
}

function rowOf({ model, parameters, validation, figures }: Compared, best: Compared, seed: number): Row {
  const { whole, served, fitMs, peakRssBytes, artifactBytes, kernel } = figures;
  const { coverage, gini, tailRecall } = whole.catalogue[0]!;
  return {
    model,
    parameters,
    validation,
    metrics: whole.metrics,
    ...(served && { served }),
    coverage,
    gini,
    tailRecall,
    differenceToBest: differencesBetween(whole, best.figures.whole, seed),
    fitMs,
    peakRssBytes,
    artifactBytes,
    kernel,
  };
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
