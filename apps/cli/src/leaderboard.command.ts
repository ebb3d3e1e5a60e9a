import { availableParallelism, totalmem } from 'node:os';
import { Command } from 'commander';
import { DomainError, type ModelParameters } from '#domain';
import { DECIDING_METRIC, modelRegistry, parseParameters } from '#models';
import { compareModels, type Entry } from './leaderboard/leaderboard.js';
import { leaderboardTable } from './leaderboard/table.js';
import {
  collectModelParameter,
  parseFlops,
  parseKs,
  parseModels,
  parseSeed,
  parseThreads,
} from './options.js';
import { describeSplit } from './splits/describe-split.js';
import { readSplit } from './splits/read-split.js';
import { addPartOptions, addSplitOptions, SPLIT_HELP, type SplitOptions } from './splits/split-options.js';

interface LeaderboardCommandOptions extends SplitOptions {
  readonly models: string[];
  readonly param?: Record<string, Record<string, unknown>>;
  readonly k: number[];
  readonly threads: number;
  readonly maxFlops?: number;
  readonly tune?: true;
  readonly json?: true;
}

const HELP = `${SPLIT_HELP}
A folder --data whose files are named train and test, or are three parts of RecBole, is split already, unless --split is
given.

Every model is fitted on nine tenths of each user's training items, or on --train where --valid is given, and measured on
the rest: "validation", which alone decides what is "best" and, with --tune, the parameters. Then every model is fitted on
all training data and measured on the test part.
"metrics" are those of the whole model and "served" those of the model as it is served, where it is pruned;
"differenceToBest" is this model minus the best on the same users, with its paired 95 % interval; "coverage", "gini" and
"tailRecall" (tenths of the items, the most popular first) are of the whole model's lists, as long as the first of --k.
"peakRssBytes" is the largest memory of the process that fitted the model, Node and the data included: each model has a
process of its own.
A model that does not fit into the machine's memory, or takes more than --max-flops, is left out and says so.

Examples:
  npm run -s sparserec -- leaderboard --data data/lastfm
  npm run -s sparserec -- leaderboard --data data/lastfm --models ease,item-knn --tune --k 20,50 --json
  npm run -s sparserec -- leaderboard --data ratings.csv --split last-n
  npm run -s sparserec -- leaderboard --data data/lastfm --param ease.regularization=100 --param item-knn.weighting=cosine
`;

export function leaderboardCommand(): Command {
  return addPartOptions(addSplitOptions(new Command('leaderboard')))
    .description('fit and compare all models on one split, without any service')
    .option('--models <list>', 'models to compare', parseModels, [...modelRegistry.keys()])
    .option('--param <model.name=value>', 'hyperparameter of one model, repeatable', collectModelParameter)
    .option('--k <list>', 'lengths of the ranked list', parseKs, [20])
    .option(
      '--seed <number>',
      'seed of the split, of the models, of the validation part and of the bootstrap',
      parseSeed,
      1,
    )
    .option('--threads <number>', 'compute threads', parseThreads, availableParallelism())
    .option('--max-flops <number>', 'leave out models whose fit takes more', parseFlops)
    .option('--tune', 'choose the parameters that --param does not give, on the validation part')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(runLeaderboard);
}

async function runLeaderboard(options: LeaderboardCommandOptions): Promise<void> {
  const { data, k, seed, threads, maxFlops, tune = false } = options;
  const entries = entriesOf(options);
  const { split, validation, facts } = await readSplit(options);
  const limit = { peakBytes: totalmem(), ...(maxFlops !== undefined && { flops: maxFlops }) };
  const settings = { split, validation, ks: k, seed, threads, tune, limit };
  const board = await compareModels(entries, settings);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ data, split: facts, ...board })}\n`
      : `${describeSplit(facts)}${leaderboardTable(board, k[0]!, DECIDING_METRIC)}`,
  );
}

/** @throws DomainError `validation-failed` on an unknown model or parameter, before anything is fitted */
function entriesOf({ models, param = {}, tune }: LeaderboardCommandOptions): Entry[] {
  const entries = models.map((model) => {
    const given = (param[model] ?? {}) as ModelParameters;
    const parameters = parseParameters(model, given);
    return { model, parameters: tune ? given : parameters };
  });
  const stray = Object.keys(param).find((model) => !models.includes(model));
  if (stray === undefined) return entries;
  throw new DomainError('validation-failed', `--param is for ${stray}, which is not compared`);
}
