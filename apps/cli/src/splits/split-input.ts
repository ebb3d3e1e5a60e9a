import type { Sources } from '#datasets';
import { DomainError } from '#domain';
import { openGiven } from '../dataset-options.js';
import type { SplitOptions } from './split-options.js';

interface Opened {
  readonly dispose: () => Promise<void>;
}

type Parts =
  | { readonly kind: 'whole'; readonly data: Sources }
  | {
      readonly kind: 'parts';
      readonly train: Sources;
      readonly valid: Sources | null;
      readonly test: Sources;
    };

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
      ? { kind: 'parts', train: first!, test: second!, valid: third }
      : partsOf(first!, options);
  return { ...parts, dispose: () => disposeAll(opened) };
}

/** Opens what the options name, for a model that is fitted on all of it. */
export async function openTrainingInput(
  options: SplitOptions,
): Promise<Opened & { readonly sources: Sources; readonly isPart: boolean }> {
  checkTogether(options);
  const { data, train } = options;
  const path = data ?? train;
  if (path === undefined) throw wrong('give --data or --train');
  const sources = await openGiven(path);
  return { sources, isPart: data === undefined, dispose: () => sources.dispose() };
}

const OF_DATA = ['split', 'holdout', 'kCore', 'minUser'] as const;
const OF_FILES = ['train', 'valid', 'test'] as const;
const FLAGS = { split: '--split', holdout: '--holdout', kCore: '--k-core', minUser: '--min-user' } as const;

function checkTogether(options: SplitOptions): void {
  const { data, split, holdout } = options;
  const file = OF_FILES.find((name) => options[name] !== undefined);
  if (data !== undefined && file) throw wrong(`give either --data or --${file}`);
  const stray = OF_DATA.find((name) => options[name] !== undefined);
  if (data === undefined && stray) throw wrong(`${FLAGS[stray]} is for --data; files are split already`);
  if (holdout !== undefined && (split === 'last-n') !== holdout >= 1)
    throw wrong('--holdout is a number of likes with --split last-n, and else a share below 1');
}

/** A folder of a benchmark has its parts by their names. */
function partsOf(data: Sources, options: SplitOptions): Parts {
  const [train, valid, test] = ['train.txt', 'valid.txt', 'test.txt'].map((name) => fileOf(data, name));
  if (!train || !test || options.split !== undefined) return { kind: 'whole', data };
  const stray = OF_DATA.find((name) => options[name] !== undefined);
  if (stray)
    throw wrong(`${data.path} is split already into train.txt and test.txt; ${FLAGS[stray]} needs --split`);
  return { kind: 'parts', train, valid: valid ?? null, test };
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

function fileOf(folder: Sources, name: string): Sources | null {
  const source = folder.sources.find(({ fileName }) => fileName === name);
  return source
    ? { path: source.name, isFolder: false, sources: [source], dispose: () => Promise.resolve() }
    : null;
}

function wrong(detail: string): DomainError {
  return new DomainError('validation-failed', detail);
}
