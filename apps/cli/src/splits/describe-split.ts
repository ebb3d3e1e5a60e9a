import { basename } from 'node:path';
import type { DatasetSummary } from '#datasets';
import { namesOfParts, type GivenSplit } from './given-split.js';
import type { SplitFacts } from './split-facts.js';

/** How data was split, in a line such as `split at 2001-01-01T00:00:00.000Z: 12 test interactions`. */
export function describeSplit(facts: SplitFacts): string {
  const { kind, testInteractions, files } = facts;
  if (kind !== 'given') return describeOwnSplit(kind, facts);
  // These say it by their very names.
  if (!files || files.train === 'train.txt') return '';
  const valid = files.valid === undefined ? '' : `, ${files.valid} for validation`;
  return `split as given: ${files.train} for training${valid}, ${files.test} for testing: ${testInteractions} test interactions (--split splits anew)\n`;
}

function describeOwnSplit(kind: Exclude<SplitFacts['kind'], 'given'>, facts: SplitFacts): string {
  const { holdout, kCore, minUser, testInteractions, cut, withoutHistory, seenBefore, joined } = facts;
  const how = {
    random: 'split at random',
    'last-n': 'last likes held out',
    time: `split at ${cut}`,
  };
  const notes = [
    ...(holdout === undefined ? [] : [`holdout ${holdout}`]),
    ...(kCore === undefined ? [] : [`${kCore}-core`]),
    ...(minUser === undefined ? [] : [`users with ${minUser} likes or more`]),
    ...(withoutHistory ? [`${withoutHistory} left out of users without a history`] : []),
    ...(seenBefore ? [`${seenBefore} left out that the user had before`] : []),
  ];
  const line = `${how[kind]}: ${testInteractions} test interactions${notes.length > 0 ? ` (${notes.join(', ')})` : ''}\n`;
  return joined ? `${line}${describeJoined(joined, '--train, --valid and --test')}` : line;
}

/** Nothing of one file alone. */
export function describeJoined(files: readonly string[], options: string): string {
  if (files.length < 2) return '';
  return `${files.length} files are read as one data set: ${files.join(', ')}. If they are split already, give them by ${options}\n`;
}

/** Nothing unless ratings of one part are likes from another one on than those of another part. */
export function describeOtherRatings(parts: readonly DatasetSummary[]): string {
  const rules = parts.map(({ ratings }) =>
    ratings?.likedFrom == null ? 'all ratings' : `ratings from ${ratings.likedFrom} of ${ratings.scale} on`,
  );
  if (new Set(rules).size < 2) return '';
  const named = parts.map(({ files: [file] }, place) => `${rules[place]} of ${basename(file!.name)}`);
  return `Not the same are likes in all parts: ${named.join(', ')}. --scale or --min-rating says one rule for all\n`;
}

/** Which part of a folder a model is fitted on that is written to a file. */
export function describeTrainingPart(split: GivenSplit): string {
  const { train, valid, test } = namesOfParts(split);
  const others = valid === undefined ? `${test} is` : `${valid} and ${test} are`;
  return `Split as given: ${train} is for training, and ${others} left out (--split splits anew)\n`;
}
