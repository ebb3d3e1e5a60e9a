import type { Source, Sources } from '#datasets';

const PARTS = ['train', 'valid', 'test'] as const;
type Part = (typeof PARTS)[number];

/** Files of a folder that are split already. */
export interface GivenSplit {
  readonly train: Sources;
  readonly valid: Sources | null;
  readonly test: Sources;
}

const PART_OF_WORD: Readonly<Record<string, Part>> = {
  train: 'train',
  training: 'train',
  base: 'train',
  valid: 'valid',
  validation: 'valid',
  val: 'valid',
  dev: 'valid',
  test: 'test',
  testing: 'test',
};

/** Names of files. */
export interface PartNames {
  readonly train: string;
  readonly valid?: string;
  readonly test: string;
}

/** `train.txt`, `x.train.inter`, `ratings_test.csv`. */
const WORD_BEFORE_ENDING = /^(?:(.*)[-_.])?(train|training|valid|validation|val|dev|test|testing)\.([^.]+)$/i;
/** `u1.base` and `ra.test`, as scripts of MovieLens name them. */
const WORD_AS_ENDING = /^(.+)\.(base|train|test)$/i;
/** RecBole takes three such files for training, validation and testing. */
const RECBOLE_PART = /^(.+)\.part(\d+)\.(inter)$/i;

interface PlacedFile {
  /** Files of one split have one stem. */
  readonly stem: string;
  readonly part: Part | null;
}

/**
 * The split that the names of a folder's files say, with a part for training and one for testing. None if
 * they say several.
 */
export function findGivenSplit({ isFolder, sources }: Sources): GivenSplit | null {
  if (!isFolder) return null;
  const splits = new Map<string, Map<Part | null, Source[]>>();
  for (const source of sources) {
    const placed = placeOf(source.fileName);
    if (!placed) continue;
    const parts = splits.get(placed.stem) ?? new Map<Part | null, Source[]>();
    splits.set(placed.stem, parts.set(placed.part, [...(parts.get(placed.part) ?? []), source]));
  }
  const [only, another] = [...splits.values()].flatMap((parts) => asSplit(parts) ?? []);
  return only && !another ? only : null;
}

function placeOf(fileName: string): PlacedFile | null {
  const [, recbole, number, inter] = RECBOLE_PART.exec(fileName) ?? [];
  if (recbole !== undefined)
    return { stem: stemOf(recbole, `part.${inter!}`), part: PARTS[Number(number) - 1] ?? null };
  const [, name = '', word, ending] = WORD_BEFORE_ENDING.exec(fileName) ?? [];
  if (word !== undefined) return { stem: stemOf(name, ending!), part: PART_OF_WORD[word.toLowerCase()]! };
  const [, start, last] = WORD_AS_ENDING.exec(fileName) ?? [];
  return start === undefined ? null : { stem: stemOf(start, ''), part: PART_OF_WORD[last!.toLowerCase()]! };
}

function stemOf(name: string, ending: string): string {
  return `${name} ${ending}`.toLowerCase();
}

/** Three parts of RecBole are a split, and other numbers of them are parts of anything. */
function asSplit(parts: ReadonlyMap<Part | null, readonly Source[]>): GivenSplit | null {
  if ([...parts].some(([part, files]) => part === null || files.length > 1)) return null;
  const [train, valid, test] = PARTS.map((part) => parts.get(part)?.[0]);
  return train && test
    ? { train: alone(train), valid: valid ? alone(valid) : null, test: alone(test) }
    : null;
}

export function namesOfParts({ train, valid, test }: GivenSplit): PartNames {
  const nameOf = ({ sources: [source] }: Sources) => source!.fileName;
  return { train: nameOf(train), ...(valid && { valid: nameOf(valid) }), test: nameOf(test) };
}

function alone(source: Source): Sources {
  return { path: source.name, isFolder: false, sources: [source], dispose: () => Promise.resolve() };
}
