import { InvalidArgumentError, Option, type Command } from 'commander';
import { addReadingOptions, type DatasetValues } from '../dataset-options.js';

const SPLITS = ['random', 'last-n', 'time'] as const;
export type SplitKind = (typeof SPLITS)[number];

/** What a command is given to learn from. */
export interface SplitOptions extends Omit<DatasetValues, 'items'> {
  readonly train?: string;
  readonly valid?: string;
  readonly test?: string;
  readonly split?: SplitKind;
  readonly holdout?: number;
  readonly kCore?: number;
  readonly minUser?: number;
  readonly seed: number;
}

export const SPLIT_HELP = `
--data is one data set, in any format that import takes. It is split before the model is measured:
  --split random   holds out a share of each user's likes (--holdout 0.2)
  --split last-n   holds out the last likes of each user who has more (--holdout 1)
  --split time     trains on what is before a moment and tests on what is after it (--holdout 0.2)
--k-core and --min-user take out users and items with few likes, until none has fewer, before anything is held out. Items
that were seen and not liked are for training only.

Instead of --data, files that are split already can be given. One with a header is a table. One without has one user a
line: user item item …
`;

/** One data set, how it is read and how it is split, or a file for training. */
export function addSplitOptions(command: Command): Command {
  return addReadingOptions(command)
    .option('--data <path>', 'one data set: a file, a folder, or - for standard input')
    .addOption(new Option('--split <kind>', 'how --data is split').choices(SPLITS))
    .option('--holdout <number>', 'share that is held out, or number of likes with last-n', parseHoldout)
    .option('--k-core <number>', 'least likes of each user and of each item', parseCount)
    .option('--min-user <number>', 'least likes of each user', parseCount)
    .option('--train <file>', 'training interactions, instead of --data');
}

/** Files that are split already. */
export function addPartOptions(command: Command): Command {
  return command
    .option('--valid <file>', 'with --train: the validation part of the training data')
    .option('--test <file>', 'with --train: held-out interactions of the same users');
}

function parseHoldout(text: string): number {
  const holdout = Number(text);
  if (holdout > 0 && (holdout < 1 || Number.isSafeInteger(holdout))) return holdout;
  throw new InvalidArgumentError('write a share such as 0.2, or a number of likes such as 1 with last-n');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('write a whole number of at least 1');
}
