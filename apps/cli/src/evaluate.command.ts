import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { Metrics, ModelParameters } from '@app/domain';
import {
  ComputeThreads,
  evaluate,
  evaluateBatch,
  fitPopularity,
  modelKind,
  modelRegistry,
  parseParameters,
  readBenchmarkSplit,
  STORAGE_TYPES,
  tune,
  type Candidate,
  type CsrMatrix,
  type Tuning,
  type Evaluation,
  type Split,
  type TrainedModel,
} from '@app/models';
import { collectParameter, parseKs, parseSeed, parseThreads } from './options.js';
import { Progress } from './progress.js';

interface EvaluateOptions {
  readonly train: string;
  readonly test: string;
  readonly model: string;
  readonly param?: Record<string, unknown>;
  readonly k: number[];
  readonly seed: number;
  readonly threads: number;
  readonly storage?: true;
  readonly tune?: true;
  readonly json?: true;
}

const HELP = `
Files have one user a line: user item item …, all whole numbers.

All items outside of a user's training history are ranked. "metrics" are those of the whole model; "served" are those of
the model as it is served, where it is pruned; "baseline" is popularity on the same users.

Examples:
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --param regularization=300 --k 20 --json
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --tune
`;

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('fit a model on one file and measure it on another, without any service')
    .requiredOption('--train <file>', 'training interactions')
    .requiredOption('--test <file>', 'held-out interactions of the same users')
    .option('--model <kind>', [...modelRegistry.keys()].join(', '), 'ease')
    .option('--param <name=value>', 'hyperparameter, repeatable', collectParameter)
    .option('--k <list>', 'lengths of the ranked list', parseKs, [20])
    .option('--seed <number>', 'seed of the model and of the bootstrap', parseSeed, 1)
    .option('--threads <number>', 'compute threads', parseThreads, availableParallelism())
    .option(
      '--tune',
      'choose the parameters that --param does not give, on a validation part of the training file',
    )
    .option('--storage', 'also measure the model in every storage type')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(runEvaluate);
}

async function runEvaluate(options: EvaluateOptions): Promise<void> {
  const parameters = parseParameters(options.model, options.param ?? {});
  const split = await readBenchmarkSplit(options.train, options.test);
  const report = await measure(split, parameters, options);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stdout.write(table(report));
}

async function measure(split: Split, parameters: ModelParameters, options: EvaluateOptions) {
  const compute = new ComputeThreads({ threads: options.threads });
  try {
    if (!options.tune) return await measureWith(compute, split, parameters, options);
    const { best, candidates } = await tuneOn(split.train, compute, options);
    return {
      ...(await measureWith(compute, split, best.parameters, options)),
      tuning: { validation: best.metrics, candidates },
    };
  } finally {
    compute.close();
  }
}

/** Never sees the test file. One line a candidate. */
function tuneOn(
  matrix: CsrMatrix,
  compute: ComputeThreads,
  { model, param = {}, seed }: EvaluateOptions,
): Promise<Tuning> {
  const figures = ({ metrics }: Candidate) =>
    Object.entries(metrics)
      .map(([name, { mean }]) => `${name} ${mean.toFixed(4)}`)
      .join('  ');
  return tune(modelKind(model), matrix, param as ModelParameters, {
    seed,
    compute,
    onCandidate: (candidate, best) => {
      const mark = candidate === best ? '  best so far' : '';
      process.stderr.write(`${figures(candidate)}  ${describe(candidate.parameters)}${mark}\n`);
    },
  });
}

function describe(parameters: ModelParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

async function measureWith(
  compute: ComputeThreads,
  split: Split,
  parameters: ModelParameters,
  options: EvaluateOptions,
) {
  const fitting = new Progress('fitting');
  const started = performance.now();
  const trained = await modelKind(options.model).fit(split.train, parameters, {
    seed: options.seed,
    compute,
    onProgress: fitting.report,
  });
  fitting.stop();
  const fitted = performance.now();
  const fitPeakRssBytes = peakRssBytes();
  const { whole, served, storage } = await evaluateForms(trained, split, options);
  const baseline = evaluate(await fitPopularity(split.train, options.seed), split, {
    ks: options.k,
    seed: options.seed,
  });
  return {
    model: options.model,
    parameters,
    users: whole.users,
    items: split.train.numCols,
    interactions: split.train.nnz,
    metrics: whole.metrics,
    ...(served && { served: served.metrics }),
    baseline: baseline.metrics,
    ...(storage && { storage }),
    ...(trained.residual !== undefined && { residual: trained.residual }),
    fitMs: Math.round(fitted - started),
    evaluateMs: Math.round(performance.now() - fitted),
    estimatedFitBytes: modelKind(options.model).estimate(
      { numUsers: split.train.numRows, numItems: split.train.numCols, nnz: split.train.nnz },
      parameters,
      options.threads,
    ).peakBytes,
    fitPeakRssBytes,
    peakRssBytes: peakRssBytes(),
    kernel: trained.kernel,
    threads: options.threads,
  };
}

function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

interface Forms {
  readonly whole: Evaluation;
  readonly served?: Evaluation;
  readonly storage?: Record<string, { readonly bytes: number; readonly metrics: Metrics }>;
}

async function evaluateForms(trained: TrainedModel, split: Split, options: EvaluateOptions): Promise<Forms> {
  const progress = new Progress('evaluating');
  const settings = { ks: options.k, seed: options.seed, onProgress: progress.report };
  const served = evaluate(trained.recommender, split, settings);
  const whole = trained.rankUnpruned && (await evaluateBatch(trained.rankUnpruned, split, settings));
  const { storedAs } = trained;
  const storage =
    options.storage &&
    storedAs &&
    Object.fromEntries(
      STORAGE_TYPES.map((type) => {
        const recommender = storedAs(type);
        return [
          type,
          { bytes: recommender.encode().length, metrics: evaluate(recommender, split, settings).metrics },
        ];
      }),
    );
  progress.stop();
  return { whole: whole ?? served, ...(whole && { served }), ...(storage && { storage }) };
}

function table(report: Awaited<ReturnType<typeof measure>>): string {
  const row = (label: string, metrics: Metrics) =>
    Object.entries(metrics).map(
      ([name, { mean, ci95 }]) =>
        `${label.padEnd(12)}${name.padEnd(12)}${mean.toFixed(4)}  [${ci95.map((end) => end.toFixed(4)).join(', ')}]\n`,
    );
  return [
    ...('tuning' in report ? [`chosen on validation: ${describe(report.parameters)}\n`] : []),
    `${report.users} users, ${report.items} items, ${report.interactions} training interactions; fitted in ${report.fitMs} ms\n\n`,
    ...row(report.model, report.metrics),
    ...(report.served ? row('as served', report.served) : []),
    ...Object.entries(report.storage ?? {}).flatMap(([type, { bytes, metrics }]) => [
      `stored as ${type}: ${bytes} bytes\n`,
      ...row(type, metrics),
    ]),
    ...row('popularity', report.baseline),
  ].join('');
}
