import { basename } from 'node:path';
import {
  describeSummary,
  joinEvents,
  pairsOf,
  readEvents,
  splitByTime,
  splitLast,
  understand,
  withinCore,
  type Dataset,
  type Events,
  type NamedEvents,
  type Sources,
} from '#datasets';
import { holdOut, type CsrMatrix, type Split } from '#models';
import { toOptions } from '../dataset-options.js';
import { describeJoined, describeOtherRatings, describeTrainingPart } from './describe-split.js';
import { namesOfParts } from './given-split.js';
import type { SplitFacts } from './split-facts.js';
import { openSplitInput, openTrainingInput, type SplitInput } from './split-input.js';
import type { SplitKind, SplitOptions } from './split-options.js';

/** Data to fit a model on and to measure it. */
export interface SplitData {
  readonly split: Split;
  /** The training part in two, if files say so. */
  readonly validation?: Split;
  readonly itemIds: readonly string[];
  readonly facts: SplitFacts;
}

/** Data to fit a model on that is measured on a part of it. */
export interface TrainingData {
  readonly matrix: CsrMatrix;
  /** Absent: none was asked for. */
  readonly split?: Split;
  readonly itemIds: readonly string[];
}

/** @throws DomainError on what cannot be read or split */
export async function readTrainingData(options: SplitOptions): Promise<TrainingData> {
  const { sources, isPart, found, dispose } = await openTrainingInput(options);
  try {
    if (found) process.stderr.write(describeTrainingPart(found));
    const named = isPart
      ? await readParts([sources], options, { isPart })
      : await readWhole(sources, options);
    process.stderr.write(describeJoined(named.joined, '--train'));
    const [events] = named.parts as [Events];
    const { split: kind, seed } = options;
    const split = kind && splitEvents(events, kind, holdoutOf(options), seed);
    return { matrix: matrixOf(events), ...(split && { split }), itemIds: named.itemIds };
  } finally {
    await dispose();
  }
}

/** @throws DomainError on what cannot be read or split */
export async function readSplit(options: SplitOptions): Promise<SplitData> {
  const input = await openSplitInput(options);
  try {
    return await (input.kind === 'parts' ? splitOfParts(input, options) : splitOfWhole(input.data, options));
  } finally {
    await input.dispose();
  }
}

async function splitOfParts(
  { train, valid, test, isFound }: SplitInput & { kind: 'parts' },
  options: SplitOptions,
): Promise<SplitData> {
  const inputs = [train, test, ...(valid ? [valid] : [])];
  const named = await readParts(inputs, options, { isPart: !isFound });
  const [first, tested, validated] = named.parts as [Events, Events, Events?];
  const split = { train: matrixOf(validated ? joinEvents(first, validated) : first), test: matrixOf(tested) };
  return {
    split,
    ...(validated && { validation: { train: matrixOf(first), test: matrixOf(validated) } }),
    itemIds: named.itemIds,
    facts: {
      kind: 'given',
      testInteractions: split.test.nnz,
      ...(isFound && { files: namesOfParts({ train, valid, test }) }),
    },
  };
}

async function splitOfWhole(data: Sources, options: SplitOptions): Promise<SplitData> {
  const { kCore, minUser, seed, split: kind = 'random' } = options;
  const named = await readWhole(data, options);
  const holdout = holdoutOf(options);
  const { train, test, ...found } = splitEvents(named.parts[0]!, kind, holdout, seed);
  const filters = { ...(kCore !== undefined && { kCore }), ...(minUser !== undefined && { minUser }) };
  const { joined } = named;
  const facts = {
    ...{ kind, holdout, ...filters, testInteractions: test.nnz, ...found },
    ...(joined.length > 1 && { joined }),
  };
  return { split: { train, test }, itemIds: named.itemIds, facts };
}

const DEFAULT_HOLDOUT: Readonly<Record<SplitKind, number>> = { random: 0.2, 'last-n': 1, time: 0.2 };

function holdoutOf({ holdout, split = 'random' }: SplitOptions): number {
  return holdout ?? DEFAULT_HOLDOUT[split];
}

function splitEvents(
  events: Events,
  kind: SplitKind,
  holdout: number,
  seed: number,
): Split & Pick<SplitFacts, 'cut' | 'withoutHistory' | 'seenBefore'> {
  switch (kind) {
    case 'random':
      return holdOut(matrixOf(events), { fraction: holdout, seed });
    case 'last-n':
      return splitLast(events, holdout);
    case 'time': {
      const { cut, ...split } = splitByTime(events, holdout);
      return { ...split, cut: new Date(cut).toISOString() };
    }
  }
}

interface ReadEvents extends NamedEvents {
  /** Names of files that were read as one data set. */
  readonly joined: readonly string[];
}

async function readWhole(data: Sources, options: SplitOptions): Promise<ReadEvents> {
  const { kCore = 1, minUser = 1 } = options;
  const dataset = await understand(data, toOptions(options));
  const { files } = dataset.summary;
  process.stderr.write(describeSummary(dataset.summary));
  const named = await readEvents([dataset]);
  const joined = files.filter(({ role }) => role === 'interactions').map(({ name }) => basename(name));
  return { ...withinCore(named, { minUser: Math.max(kCore, minUser), minItem: kCore }), joined };
}

/** @param given `isPart` of `DatasetOptions` */
async function readParts(
  inputs: readonly Sources[],
  options: SplitOptions,
  given: { readonly isPart: boolean },
): Promise<ReadEvents> {
  const datasets: Dataset[] = [];
  for (const sources of inputs) datasets.push(await understand(sources, { ...toOptions(options), ...given }));
  process.stderr.write(describeOtherRatings(datasets.map(({ summary }) => summary)));
  return { ...(await readEvents(datasets)), joined: [] };
}

function matrixOf(events: Events): CsrMatrix {
  return pairsOf(events).matrix;
}
