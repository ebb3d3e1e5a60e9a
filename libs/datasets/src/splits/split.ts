import { DomainError } from '#domain';
import type { CsrMatrix } from '#sparse';
import type { Events } from './events.js';
import { pairsOf, type Pairs } from './pairs.js';

/** Training and test part over the same users and items; the test part has likes only. */
export interface DatasetSplit {
  readonly train: CsrMatrix;
  readonly test: CsrMatrix;
}

/** Where the parts meet, and what of the later part measures nothing. */
export interface TimeSplit extends DatasetSplit {
  /** The earliest time of the test part, in milliseconds since 1970. */
  readonly cut: number;
  /** Later likes of users who like nothing before. */
  readonly withoutHistory: number;
  /** Later likes of items that the user had before. */
  readonly seenBefore: number;
}

/**
 * Holds out the last `count` likes of each user who has more, by the time when the user first had the item;
 * of equal times the later row is the later one.
 *
 * @throws DomainError `validation-failed` if an interaction has no time
 */
export function splitLast(events: Events, count: number): DatasetSplit {
  checkDated(events, 'last-n');
  const pairs = pairsOf(events);
  const { matrix } = pairs;
  const isTest = new Uint8Array(matrix.nnz);
  for (let user = 0; user < matrix.numRows; user++) {
    const likes = likesByTime(events, pairs, user);
    if (likes.length > count) for (const pair of likes.slice(-count)) isTest[pair] = 1;
  }
  return {
    train: matrix.filter((pair) => isTest[pair] === 0),
    test: matrix.filter((pair) => isTest[pair] === 1),
  };
}

function likesByTime({ times }: Events, { matrix, firstEvents }: Pairs, user: number): number[] {
  const likes: number[] = [];
  for (let pair = matrix.indptr[user]!; pair < matrix.indptr[user + 1]!; pair++)
    if (matrix.values[pair] !== 0) likes.push(pair);
  const [time, place] = [(pair: number) => times[firstEvents[pair]!]!, (pair: number) => firstEvents[pair]!];
  return likes.sort((a, b) => time(a) - time(b) || place(a) - place(b));
}

/**
 * Everything before a moment is for training, everything from it on for the test: the last `share` of the
 * interactions, and more where many have the same time. No training interaction is as late as any of the
 * test. Test likes of items that the user had before, and of users who like nothing before, are left out and
 * counted.
 *
 * @throws DomainError `validation-failed` if an interaction has no time, or all would be in one part
 */
export function splitByTime(events: Events, share: number): TimeSplit {
  checkDated(events, 'time');
  const sorted = events.times.slice().sort();
  const cut = sorted[Math.floor(sorted.length * (1 - share))];
  if (cut === undefined || cut === sorted[0]) throw cannotCut();
  const train = pairsOf(events, (event) => events.times[event]! < cut).matrix;
  const later = pairsOf(events, (event) => events.times[event]! >= cut).matrix.withoutZeros();
  const reasons = reasonsToLeaveOut(train, later);
  return {
    train,
    test: later.filter((pair) => reasons[pair] === MEASURES),
    cut,
    withoutHistory: reasons.filter((reason) => reason === WITHOUT_HISTORY).length,
    seenBefore: reasons.filter((reason) => reason === SEEN_BEFORE).length,
  };
}

const [MEASURES, WITHOUT_HISTORY, SEEN_BEFORE] = [0, 1, 2];

/** One for each like of the later part. */
function reasonsToLeaveOut(train: CsrMatrix, later: CsrMatrix): Uint8Array {
  const reasons = new Uint8Array(later.nnz);
  for (let user = 0; user < later.numRows; user++) {
    const history = train.row(user);
    const seen = new Set(history.indices);
    const hasLikes = history.values.some((value) => value !== 0);
    for (let pair = later.indptr[user]!; pair < later.indptr[user + 1]!; pair++) {
      if (seen.has(later.indices[pair]!)) reasons[pair] = SEEN_BEFORE;
      else if (!hasLikes) reasons[pair] = WITHOUT_HISTORY;
    }
  }
  return reasons;
}

function checkDated({ times }: Events, split: string): void {
  const undated = times.filter((time) => time === Infinity).length;
  if (undated === 0) return;
  throw new DomainError(
    'validation-failed',
    `--split ${split} needs the time of each interaction, and ${undated} of ${times.length} have none; use --split random`,
  );
}

function cannotCut(): DomainError {
  return new DomainError(
    'validation-failed',
    '--split time finds no moment that parts the interactions; give a smaller --holdout, or use --split random',
  );
}
