import {
  describeItems,
  describeSummary,
  describeUsers,
  sourceInvalid,
  understand,
  understandItems,
  understandUsers,
  type Dataset,
  type DatasetOptions,
  type ExplicitOption,
  type ItemsDataset,
  type Source,
  type Sources,
  type UsersDataset,
} from '#datasets';
import { DomainError } from '#domain';
import { openGiven, toldOfClock, toOptions, type DatasetValues } from './dataset-options.js';
import { Progress } from './progress.js';
import { checkReadOnce } from './standard-input.js';
import { watchSources } from './watched-sources.js';

/** What a command has understood of the files that it was given. */
export interface UnderstoodFiles {
  readonly dataset: Dataset | null;
  /** Items that come without interactions; with them they are a part of the data set. */
  readonly items: ItemsDataset | null;
  readonly users: UsersDataset | null;
}

/**
 * Understands the files that are given, lends them, and removes temporary files afterwards.
 *
 * @throws DomainError when one is not understood
 */
export async function withUnderstood<Result>(
  values: DatasetValues,
  work: (files: UnderstoodFiles) => Result | Promise<Result>,
): Promise<Result> {
  checkReadOnce(values);
  checkTogether(values);
  const opened: Sources[] = [];
  const open = async (path: string | undefined): Promise<Sources | null> => {
    if (path === undefined) return null;
    const sources = await openGiven(path);
    opened.push(sources);
    return sources;
  };
  try {
    const data = await open(values.data);
    const items = onlyFile(await open(values.items), '--items');
    const users = onlyFile(await open(values.users), '--users');
    return await work(await understandAll({ data, items, users }, values));
  } finally {
    for (const sources of opened) await sources.dispose();
  }
}

function checkTogether({ items, users, itemColumns, userColumns }: DatasetValues): void {
  if (itemColumns && items === undefined) throw needing('--item-columns', '--items');
  if (userColumns && users === undefined) throw needing('--user-columns', '--users');
}

function needing(option: string, needed: string): DomainError {
  return new DomainError('validation-failed', `${option} is of the file that ${needed} names; give that too`);
}

function onlyFile(sources: Sources | null, option: string): Source | null {
  if (!sources) return null;
  if (sources.isFolder) throw sourceInvalid(sources.path, `it is a folder; name one file by ${option}`);
  return sources.sources[0]!;
}

interface Opened {
  readonly data: Sources | null;
  readonly items: Source | null;
  readonly users: Source | null;
}

/** Options that say how text is read are those of the first of data, items and users. */
async function understandAll(
  { data, items, users }: Opened,
  values: DatasetValues,
): Promise<UnderstoodFiles> {
  const options = toOptions(values);
  const clock = toldOfClock(values);
  const besideUsers = await understandUsersOf(users, values, data === null && items === null);
  const ofUsers = besideUsers ? toldOfUsers(values, besideUsers) : [];
  if (!data) {
    const { itemColumns: columns, ...told } = options;
    const alone = { ...told, columns, toldBesides: [...ofUsers, ...clock] };
    return { dataset: null, items: items && (await understandItems(items, alone)), users: besideUsers };
  }
  const ofItems: ExplicitOption[] = values.items === undefined ? [] : [['items', values.items]];
  const toldBesides = [...ofItems, ...ofUsers, ...clock];
  const dataset = await understandShown(data, { ...options, items: items ?? undefined, toldBesides });
  return { dataset, items: null, users: besideUsers };
}

async function understandUsersOf(
  users: Source | null,
  { userColumns: columns, ignoreColumns, skipInvalid, ...told }: DatasetValues,
  isAlone: boolean,
): Promise<UsersDataset | null> {
  if (!users) return null;
  const { encoding, delimiter, header } = told;
  const alone = isAlone ? { encoding, delimiter, header } : {};
  return understandUsers(users, { columns, ignoreColumns, skipInvalid, ...alone });
}

function toldOfUsers({ users }: DatasetValues, { explicitColumns }: UsersDataset): readonly ExplicitOption[] {
  return [['users', users!], ...explicitColumns];
}

/** Shows how far each pass is. Later passes over the data set are shown by whoever takes them. */
async function understandShown(sources: Sources, options: DatasetOptions): Promise<Dataset> {
  const progress = new Progress('understanding the data');
  let isUnderstood = false;
  const report = (share: number): void => {
    if (!isUnderstood) progress.report(share);
  };
  try {
    return await understand(watchSources(sources, report), options);
  } finally {
    isUnderstood = true;
    progress.stop();
  }
}

/** One JSON object: of the data set, else of the items, else of the users; what comes besides is a member. */
export function summaryOf({ dataset, items, users }: UnderstoodFiles): object {
  const first = (dataset ?? items)?.summary;
  if (!first) return users?.summary ?? {};
  return { ...first, ...(users && { usersFile: users.summary }) };
}

/** The same for people. */
export function describeFiles({ dataset, items, users }: UnderstoodFiles): string {
  const ofUsers = users?.summary ?? null;
  if (dataset) return describeSummary(dataset.summary, ofUsers);
  if (items) return describeItems(items.summary, ofUsers);
  return ofUsers ? describeUsers(ofUsers) : '';
}
