import type { Sources } from '#datasets';
import { DomainError } from '#domain';
import { openGiven } from '../dataset-options.js';
import { checkReadOnce } from '../standard-input.js';
import { findGivenSplit, namesOfParts, type GivenSplit } from './given-split.js';
import type { SplitOptions } from './split-options.js';

interface Opened {
  readonly dispose: () => Promise<void>;
}

type Parts =
  | { readonly kind: 'whole'; readonly data: Sources }
  | ({
      readonly kind: 'parts';
      /** Whether names of files say it. */ readonly isFound: boolean;
    } & GivenSplit);

/** One data set, or sources that are split already. */
export type SplitInput = Opened & Parts;

/**
 * Opens what the options name, for a model that is to be measured.
 *
 * @throws DomainError `validation-failed` on options that do not go together, and on what cannot be read
 */
export async function openSplitInput(options: SplitOptions): Promise<SplitInput> {
  checkTogether(options);
  const { data, train, valid, test } = options;
  if (data === undefined && (train === undefined || test === undefined))
    throw wrong('give --data, or --train and --test');
  const paths = [data, train, test, valid].filter((path) => path !== undefined);
  const opened = await openAll(paths);
  const [first, second, third = null] = opened;
  const parts: Parts =
    data === undefined
      ? { kind: 'parts', isFound: false, train: first!, test: second!, valid: third }
      : partsOf(first!, options);
  return { ...parts, dispose: () => disposeAll(opened) };
}

export interface TrainingInput extends Opened {
  readonly sources: Sources;
  readonly isPart: boolean;
  /** The split whose training part it is, if names of files say it. */
  readonly found: GivenSplit | null;
}

/** Opens what the options name, for a model that is fitted on all of it. */
export async function openTrainingInput(options: SplitOptions): Promise<TrainingInput> {
  checkTogether(options);
  const { data, train } = options;
  const path = data ?? train;
  if (path === undefined) throw wrong('give --data or --train');
  const opened = await openGiven(path);
  const found = options.split === undefined ? findGivenSplit(opened) : null;
  const sources = found?.train ?? opened;
  return { sources, isPart: data === undefined, found, dispose: () => opened.dispose() };
}

const OF_DATA = ['split', 'holdout', 'kCore', 'minUser'] as const;
const OF_FILES = ['train', 'valid', 'test'] as const;
const FLAGS = { split: '--split', holdout: '--holdout', kCore: '--k-core', minUser: '--min-user' } as const;

function checkTogether(options: SplitOptions): void {
  checkReadOnce(options);
  const { data, split, holdout } = options;
  const file = OF_FILES.find((name) => options[name] !== undefined);
  if (data !== undefined && file) throw wrong(`give either --data or --${file}`);
  const stray = OF_DATA.find((name) => options[name] !== undefined);
  if (data === undefined && stray) throw wrong(`${FLAGS[stray]} is for --data; files are split already`);
  if (holdout !== undefined && (split === 'last-n') !== holdout >= 1)
    throw wrong('--holdout is a number of likes with --split last-n, and else a share below 1');
}

/** A folder may have the parts of a split by their names. */
function partsOf(data: Sources, options: SplitOptions): Parts {
  const found = options.split === undefined ? findGivenSplit(data) : null;
  if (!found) return { kind: 'whole', data };
  const stray = OF_DATA.find((name) => options[name] !== undefined);
  if (!stray) return { kind: 'parts', isFound: true, ...found };
  const { train, test } = namesOfParts(found);
  throw wrong(`${data.path} is split already into ${train} and ${test}; ${FLAGS[stray]} needs --split`);
}

async function openAll(paths: readonly string[]): Promise<Sources[]> {
  const opened: Sources[] = [];
  try {
    for (const path of paths) opened.push(await openGiven(path));
    return opened;
  } catch (error) {
    await disposeAll(opened);
    throw error;
  }
}

async function disposeAll(opened: readonly Sources[]): Promise<void> {
  for (const sources of opened) await sources.dispose();
}

function wrong(detail: string): DomainError {
  return new DomainError('validation-failed', detail);
}
