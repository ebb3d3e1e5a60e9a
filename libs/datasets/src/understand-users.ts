import type { ImportedUser } from '#domain';
import type { DatasetOptions } from './dataset.js';
import { asGivenUsers } from './formats/attribute-tables.js';
import { openTable } from './formats/open-table.js';
import { prepareUsers } from './rows/read-users.js';
import type { Source } from './sources/source.js';
import type { UsersSummary } from './summary/attribute-summary.js';
import { summarizeUsers, type Summarized } from './summary/summarize-attributes.js';

/** Users of a file of their own. They may be read more than once. */
export interface UsersDataset extends Summarized<UsersSummary> {
  users(): AsyncIterable<readonly ImportedUser[]>;
}

export type UsersOptions = Pick<
  DatasetOptions,
  'encoding' | 'delimiter' | 'header' | 'columns' | 'ignoreColumns' | 'skipInvalid' | 'toldBesides'
>;

/**
 * Understands a source of users: an id, tags, what the user allows, and all other columns as metadata.
 *
 * @throws DomainError `import-source-invalid` or `import-row-invalid` that says where and what to do
 */
export async function understandUsers(source: Source, options: UsersOptions): Promise<UsersDataset> {
  const { columns = new Map(), ignoreColumns = [], encoding, delimiter, header } = options;
  const table = await openTable(source, { encoding, delimiter, header, columns, isItems: true });
  const prepared = await prepareUsers(
    asGivenUsers(table, { columns, ignoreColumns }),
    options.skipInvalid === true,
  );
  return { ...summarizeUsers(prepared, options), users: () => prepared.read() };
}
