import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { Metrics, ModelParameters } from '#domain';
import {
  ComputeThreads,
  evaluate,
  evaluateModel,
  fitPopularity,
  measureKind,
  modelKind,
  modelRegistry,
  parseParameters,
  STORAGE_TYPES,
  testDispersion,
  tune,
  type Tuning,
  type Split,
  type TrainedModel,
} from '#models';
import {
  describeCandidate,
  describeParameters,
  expectedRssBytes,
  metricLines,
  peakRssBytes,
} from './figures.js';
import { collectParameter, parseKs, parseSeed, parseThreads, parseUsers } from './options.js';
import { FitProgress, printEpoch } from './progress.js';
import { describeSplit } from './splits/describe-split.js';
import { readSplit, type SplitData } from './splits/read-split.js';
import type { SplitFacts } from './splits/split-facts.js';
import { addPartOptions, addSplitOptions, SPLIT_HELP, type SplitOptions } from './splits/split-options.js';

interface EvaluateOptions extends SplitOptions {
  readonly model: string;
  readonly param?: Record<string, unknown>;
  readonly k: number[];
  readonly threads: number;
  readonly storage?: true;
  readonly tune?: true;
  readonly tuneUsers?: number;
  readonly json?: true;
}

const HELP = `${SPLIT_HELP}
All items outside of a user's training history are ranked. "metrics" are those of the whole model; "served" are those of
the model as it is served, where it is pruned; "baseline" is popularity on the same users. "testDispersion"
is about 1 where the test part was drawn at random, and above where it leans to some items.

A folder --data whose files are named train and test, or are three parts of RecBole, is split already, unless --split is
given. "--tune" compares candidates on --valid if it is given, and else on a random tenth of the training data. The model that is
measured is fitted on both.

Examples:
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --param regularization=300 --k 20 --json
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --tune
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --tune --tune-users 8000
  npm run -s sparserec -- evaluate --data ratings.csv --split time --holdout 0.1 --k-core 5
`;

/** Test parts of a few thousand items that were drawn at random stay below. */
const NOT_RANDOM = 1.2;

export function evaluateCommand(): Command {
  return addPartOptions(addSplitOptions(new Command('evaluate')))
    .description('fit a model on one part of a data set and measure it on another, without any service')
    .option('--model <kind>', [...modelRegistry.keys()].join(', '), 'ease')
    .option('--param <name=value>', 'hyperparameter, repeatable', collectParameter)
    .option('--k <list>', 'lengths of the ranked list', parseKs, [20])
    .option('--seed <number>', 'seed of the split, of the model and of the bootstrap', parseSeed, 1)
    .option('--threads <number>', 'compute threads', parseThreads, availableParallelism())
    .option(
      '--tune',
      'choose the parameters that --param does not give, on a validation part of the training data',
    )
    .option('--tune-users <number>', 'compare candidates on this many users drawn at random', parseUsers)
    .option('--storage', 'also measure the model in every storage type')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(runEvaluate);
}

async function runEvaluate(options: EvaluateOptions): Promise<void> {
  const parameters = parseParameters(options.model, options.param ?? {});
  const data = await readSplit(options);
  const report = { ...(await measure(data, parameters, options)), split: data.facts };
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stdout.write(table(report));
}

async function measure(data: SplitData, parameters: ModelParameters, options: EvaluateOptions) {
  const compute = new ComputeThreads({ threads: options.threads });
  try {
    if (!options.tune) return await measureWith(compute, data.split, parameters, options);
    const { best, candidates } = await tuneOn(data, compute, options);
    return {
      ...(await measureWith(compute, data.split, best.parameters, options)),
      tuning: { validation: best.metrics, candidates },
    };
  } finally {
    compute.close();
  }
}

/** Never sees the test part. One line a candidate. */
function tuneOn(
  { split, validation }: SplitData,
  compute: ComputeThreads,
  { model, param = {}, seed, tuneUsers }: EvaluateOptions,
): Promise<Tuning> {
  return tune(modelKind(model), split.train, param as ModelParameters, {
    seed,
    compute,
    validation,
    sampleUsers: tuneUsers,
    onCandidate: (candidate, best) =>
      process.stderr.write(`${describeCandidate(candidate, candidate === best)}\n`),
    onSingular: (parameters, { message }) =>
      process.stderr.write(`left out: ${describeParameters(parameters)}: ${message}\n`),
  });
}

async function measureWith(
  compute: ComputeThreads,
  split: Split,
  parameters: ModelParameters,
  options: EvaluateOptions,
) {
  const { k: ks, seed, threads, model } = options;
  const kind = modelKind(model);
  const progress = new FitProgress();
  let fitPeakRssBytes = 0;
  const { whole, served, trained, fitMs, evaluateMs } = await measureKind(kind, split, parameters, {
    ks,
    seed,
    compute,
    onFitting: progress.onFitting,
    onFitted: () => {
      progress.onFitted();
      fitPeakRssBytes = peakRssBytes();
    },
    onEvaluating: progress.onEvaluating,
    onEpoch: printEpoch,
  });
  progress.stop();
  const storage = options.storage && (await measureStorage(compute, trained, split, options));
  const baseline = evaluate(await fitPopularity(split.train, seed), split, { ks, seed });
  const shape = { numUsers: split.train.numRows, numItems: split.train.numCols, nnz: split.train.nnz };
  return {
    model,
    parameters,
    users: whole.users,
    items: shape.numItems,
    interactions: shape.nnz,
    testDispersion: testDispersion(split),
    metrics: whole.metrics,
    ...(served && { served: served.metrics }),
    baseline: baseline.metrics,
    ...(storage && { storage }),
    ...(trained.residual !== undefined && { residual: trained.residual }),
    fitMs,
    evaluateMs,
    estimatedFitBytes: expectedRssBytes(kind.estimate(shape, parameters, threads).peakBytes, threads),
    fitPeakRssBytes,
    peakRssBytes: peakRssBytes(),
    kernel: trained.kernel,
    threads,
  };
}

/** The served model in each number type, by type. */
async function measureStorage(
  compute: ComputeThreads,
  { storedAs }: TrainedModel,
  split: Split,
  { k: ks, seed }: EvaluateOptions,
) {
  if (!storedAs) return undefined;
  const figures: Record<string, { readonly bytes: number; readonly metrics: Metrics }> = {};
  for (const type of STORAGE_TYPES) {
    const recommender = storedAs(type);
    const { metrics } = await evaluateModel(recommender, split, { ks, seed, compute });
    figures[type] = { bytes: recommender.encode().length, metrics };
  }
  return figures;
}

function table(report: Awaited<ReturnType<typeof measure>> & { readonly split: SplitFacts }): string {
  const storage = Object.entries(report.storage ?? {});
  const rows: [string, Metrics][] = [
    [report.model, report.metrics],
    ...(report.served ? [['as served', report.served] as [string, Metrics]] : []),
    ...storage.map(([type, { metrics }]): [string, Metrics] => [type, metrics]),
    ['popularity', report.baseline],
  ];
  return [
    ...('tuning' in report ? [`chosen on validation: ${describeParameters(report.parameters)}\n`] : []),
    `${report.users} users, ${report.items} items, ${report.interactions} training interactions; fitted in ${report.fitMs} ms\n`,
    `${describeSplit(report.split)}\n`,
    ...storage.map(([type, { bytes }]) => `stored as ${type}: ${bytes} bytes\n`),
    metricLines(rows),
    ...(report.testDispersion > NOT_RANDOM ? [`\n${notRandom(report.testDispersion)}\n`] : []),
  ].join('');
}

function notRandom(dispersion: number): string {
  return `The test part is not a random draw of the interactions (dispersion ${dispersion.toFixed(2)}, at random 1): what --tune finds best on a random validation part need not be best on it.`;
}
