import { stat } from 'node:fs/promises';
import { holdsNothing } from '#datasets';
import { openGiven, type DatasetValues } from '../dataset-options.js';

const FILES = { data: 'interactions', items: 'items', users: 'users' } as const;
type FileOption = keyof typeof FILES;
/** What is told of a file, and goes with it. */
const TOLD: Readonly<Partial<Record<FileOption, string>>> = { items: 'itemColumns', users: 'userColumns' };

interface GivenFiles extends Pick<DatasetValues, FileOption> {
  readonly settings?: string;
}

/**
 * The same options without files that have no rows, as exports of a catalog that has none of them. It says
 * which. If nothing would be left to import, all stay, to be refused.
 */
export async function withoutEmptyFiles<Options extends GivenFiles>(options: Options): Promise<Options> {
  const given = (Object.keys(FILES) as FileOption[]).filter((name) => options[name] !== undefined);
  const empty: FileOption[] = [];
  for (const name of given) if (await isEmpty(options[name]!)) empty.push(name);
  const isOther = empty.length < given.length || options.settings !== undefined;
  for (const name of given)
    if (empty.includes(name) && (isOther || name !== 'data'))
      process.stderr.write(`${options[name]!} holds nothing, so no ${FILES[name]} are imported\n`);
  if (!isOther) return options;
  const left = [...empty, ...empty.map((name) => TOLD[name])];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !left.includes(name))) as Options;
}

/** Folders, and what can be read once only, are left to the import. */
async function isEmpty(path: string): Promise<boolean> {
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile) return false;
  const opened = await openGiven(path);
  try {
    return await holdsNothing(opened.sources[0]!);
  } finally {
    await opened.dispose();
  }
}
