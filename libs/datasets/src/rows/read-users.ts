import { LIMITS, type ImportedUser } from '#domain';
import type { MappedTable } from '../formats/choose-tables.js';
import { cellOf } from '../formats/table.js';
import { refusedValue } from '../refused-row.js';
import { UserCounts } from '../summary/attribute-counts.js';
import { LeftOutRows, type LeftOut } from '../summary/left-out.js';
import { InvalidValue } from '../values/invalid-value.js';
import { TagSurvey, type TagSeparator } from '../values/tags.js';
import { UserReader, type UserRules } from './user-reader.js';

/** Users of a table, of which all columns are understood. */
export interface UsersOfTable {
  readonly table: MappedTable;
  readonly counts: UserCounts;
  readonly trimmedIds: number;
  readonly leftOut: readonly LeftOut[];
  readonly cut: readonly LeftOut[];
  read(): AsyncIterable<readonly ImportedUser[]>;
}

const CUT_REASONS = {
  metadata: `metadata of more than ${LIMITS.metadataBytes} bytes is left away`,
  tags: `only ${LIMITS.tagsPerItem} tags of at most ${LIMITS.tagLength} characters are kept`,
} as const;

interface ReadingOptions extends UserRules {
  readonly skipInvalid: boolean;
  readonly leftOut: LeftOutRows;
}

/** Looks at all users once, as they will be stored. */
export async function prepareUsers(table: MappedTable, skipInvalid: boolean): Promise<UsersOfTable> {
  const separator = await findSeparator(table);
  const [cut, leftOut] = [new LeftOutRows(), new LeftOutRows()];
  const onCut = (kind: keyof typeof CUT_REASONS, line: number) => cut.add(CUT_REASONS[kind], line);
  const counts = new UserCounts(table.table.encoding);
  let trimmedIds = 0;
  const onTrimmed = () => {
    trimmedIds++;
  };
  for await (const users of readAll(table, { separator, onCut, onTrimmed, skipInvalid, leftOut }))
    for (const user of users) counts.add(user);
  return {
    ...{ table, counts, trimmedIds, cut: cut.list(), leftOut: leftOut.list() },
    read: () => readAll(table, { separator, skipInvalid, leftOut: new LeftOutRows() }),
  };
}

async function findSeparator({ table, mapping }: MappedTable): Promise<TagSeparator> {
  const { tags } = mapping.columns;
  if (!tags) return null;
  const survey = new TagSurvey();
  for await (const { rows } of table.read([tags.index]))
    for (const row of rows) survey.see(row[cellOf(table, tags.index)]);
  return survey.decide(table.format === 'recbole');
}

async function* readAll(
  mapped: MappedTable,
  { skipInvalid, leftOut, ...rules }: ReadingOptions,
): AsyncGenerator<readonly ImportedUser[]> {
  const { table, mapping } = mapped;
  const reader = new UserReader(table, mapping, rules);
  for await (const { rows, lines } of table.read()) {
    const users: ImportedUser[] = [];
    for (const [index, row] of rows.entries()) {
      const line = lines[index]!;
      try {
        const user = reader.read(row, line);
        if (typeof user === 'string') leftOut.add(user, line);
        else users.push(user);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        if (!skipInvalid) throw refusedValue(mapped, line, error);
        leftOut.add(error.message, line);
      }
    }
    yield users;
  }
}
