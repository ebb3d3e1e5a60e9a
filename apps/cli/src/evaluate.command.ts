import { Command } from 'commander';
import type { Metrics, ModelParameters } from '@app/domain';
import {
  evaluate,
  evaluateBatches,
  fitPopularity,
  modelKind,
  parseParameters,
  readBenchmarkSplit,
  type Evaluation,
  type Split,
  type TrainedModel,
} from '@app/models';
import { collectParameter, parseKs, parseSeed } from './options.js';
import { Progress } from './progress.js';

interface EvaluateOptions {
  readonly train: string;
  readonly test: string;
  readonly model: string;
  readonly param?: Record<string, unknown>;
  readonly k: number[];
  readonly seed: number;
  readonly json?: true;
}

const HELP = `
Files have one user a line: user item item …, all whole numbers.

All items outside of a user's training history are ranked. "metrics" are those of the whole model; "served" are those of
the model as it is served, where it is pruned; "baseline" is popularity on the same users.

Example:
  npm run -s sparserec -- evaluate --train train.txt --test test.txt --model ease --param regularization=300 --k 20 --json
`;

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('fit a model on one file and measure it on another, without any service')
    .requiredOption('--train <file>', 'training interactions')
    .requiredOption('--test <file>', 'held-out interactions of the same users')
    .option('--model <kind>', 'ease or popularity', 'ease')
    .option('--param <name=value>', 'hyperparameter, repeatable', collectParameter)
    .option('--k <list>', 'lengths of the ranked list', parseKs, [20])
    .option('--seed <number>', 'seed of the model and of the bootstrap', parseSeed, 1)
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
  const fitting = new Progress('fitting');
  const started = performance.now();
  const trained = await modelKind(options.model).fit(split.train, parameters, {
    seed: options.seed,
    onProgress: fitting.report,
  });
  fitting.stop();
  const fitted = performance.now();
  const { whole, served } = evaluateBoth(trained, split, options);
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
    fitMs: Math.round(fitted - started),
    evaluateMs: Math.round(performance.now() - fitted),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    kernel: trained.kernel,
    threads: 1,
  };
}

function evaluateBoth(
  trained: TrainedModel,
  split: Split,
  options: EvaluateOptions,
): { whole: Evaluation; served?: Evaluation } {
  const progress = new Progress('evaluating');
  const settings = { ks: options.k, seed: options.seed, onProgress: progress.report };
  const served = evaluate(trained.recommender, split, settings);
  const whole = trained.unpruned && evaluateBatches(trained.unpruned, split, settings);
  progress.stop();
  return whole ? { whole, served } : { whole: served };
}

function table(report: Awaited<ReturnType<typeof measure>>): string {
  const row = (label: string, metrics: Metrics) =>
    Object.entries(metrics).map(
      ([name, { mean, ci95 }]) =>
        `${label.padEnd(12)}${name.padEnd(12)}${mean.toFixed(4)}  [${ci95.map((end) => end.toFixed(4)).join(', ')}]\n`,
    );
  return [
    `${report.users} users, ${report.items} items, ${report.interactions} training interactions; fitted in ${report.fitMs} ms\n\n`,
    ...row(report.model, report.metrics),
    ...(report.served ? row('as served', report.served) : []),
    ...row('popularity', report.baseline),
  ].join('');
}
