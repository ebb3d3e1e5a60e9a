import type { ImportedUser } from '#domain';
import type { DatasetOptions } from './dataset.js';
import { asGivenUsers } from './formats/choose-tables.js';
import { openTable } from './formats/open-table.js';
import type { Format } from './formats/table.js';
import { prepareUsers } from './rows/read-users.js';
import { sourceInvalid } from './sources/source-invalid.js';
import type { Source } from './sources/source.js';
import type { LeftOut } from './summary/dataset-summary.js';

/** Users of a file of their own. They may be read more than once. */
export interface UsersDataset {
  readonly format: Format;
  readonly encoding: string | null;
  readonly count: number;
  /** Rows that cannot be stored, and those of the file of a person that are no user. */
  readonly leftOut: readonly LeftOut[];
  /** Users whose tags or metadata are cut because they are more than a user may have. */
  readonly cutUsers: readonly LeftOut[];
  users(): AsyncIterable<readonly ImportedUser[]>;
}

export type UsersOptions = Pick<
  DatasetOptions,
  'encoding' | 'delimiter' | 'header' | 'ignoreColumns' | 'skipInvalid'
>;

/**
 * Understands a source of users: an id, tags, what the user allows, and all other columns as metadata.
 *
 * @throws DomainError `import-source-invalid` or `import-row-invalid` that says where and what to do
 */
export async function understandUsers(source: Source, options: UsersOptions): Promise<UsersDataset> {
  const table = await openTable(source, { ...options, columns: new Map(), isItems: true });
  const mapped = asGivenUsers(table, { columns: new Map(), ignoreColumns: options.ignoreColumns ?? [] });
  if (!mapped)
    throw sourceInvalid(
      source.name,
      'it is no table of users; its header must name the user, for example userId or id',
    );
  const prepared = await prepareUsers(mapped, options.skipInvalid === true);
  const { count, leftOut, cut } = prepared;
  const { format, encoding } = table;
  return { format, encoding, count, leftOut, cutUsers: cut, users: () => prepared.read() };
}
