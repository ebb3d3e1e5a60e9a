import type { GivenColumns } from '../columns/columns-option.js';
import { findColumn, type Column } from '../columns/mapping.js';
import { notAsSaid, type SaidToBe } from '../columns/not-understood.js';
import { ITEM_ROLES, normalName, USER_ROLES, type Role } from '../columns/roles.js';
import { mapTable, type ColumnOptions, type MappedTable } from './choose-tables.js';
import { namesOfUserColumns } from './movielens.js';
import type { Table } from './table.js';

/** Tables that are said to be of items, or of users. */

const ITEMS: SaidToBe = { id: 'item', option: '--item-columns' };
const USERS: SaidToBe = { id: 'user', option: '--user-columns' };

/**
 * The table as items: the id may be called `id`, and all columns that are nothing else are metadata.
 *
 * @throws DomainError `import-source-invalid` when no column is the id, or one is not there that is named
 */
export function asGivenItems(table: Table, options: ColumnOptions): MappedTable {
  return asGiven(table, ITEMS, options);
}

/** The same of users. */
export function asGivenUsers(table: Table, options: ColumnOptions): MappedTable {
  const users = asGiven(table, USERS, options);
  if (table.names) return users;
  const isLeft = isOneOf(table, options.ignoreColumns);
  const taken = new Set(Object.values(users.mapping.columns).map(({ index }) => index));
  const metadata = namesOfUserColumns(table.known)
    .map((label, place) => ({ index: place + 1, label }))
    .filter(({ index, label }) => !taken.has(index) && !options.ignoreColumns.includes(label))
    .filter((column) => !isLeft(column));
  const read = new Set(metadata.map(({ index }) => index));
  const ignored = users.mapping.ignored.filter(({ index }) => !read.has(index));
  return { table, mapping: { ...users.mapping, metadata, ignored } };
}

function asGiven(table: Table, said: SaidToBe, { columns: told, ignoreColumns }: ColumnOptions): MappedTable {
  const { id } = said;
  const roles: readonly Role[] = id === 'item' ? ITEM_ROLES : USER_ROLES;
  const isLeft = isOneOf(table, ignoreColumns);
  const known = [...table.known].filter(([role, name]) => role === id || !isLeft(findColumn(table, name)!));
  const columns = new Map([...known, ...idByName(table, id, { columns: told, ignoreColumns }), ...told]);
  const mapping = mapTable(table, roles, { columns, ignoreColumns });
  const areThere = [...told.values()].every((name) => findColumn(table, name) !== null);
  if (!areThere || !mapping.columns[id]) throw notAsSaid(table, said, told);
  if (!table.names) return { table, mapping };
  const metadata = [...mapping.metadata, ...mapping.ignored.filter((column) => !isLeft(column))];
  return { table, mapping: { ...mapping, metadata, ignored: mapping.ignored.filter(isLeft) } };
}

/** The column `id`, where no other is known to be the id. */
function idByName(table: Table, id: SaidToBe['id'], options: ColumnOptions): GivenColumns {
  const named = table.names?.find((name) => normalName(name) === 'id');
  const isKnown = mapTable(table, [id], options).columns[id] !== undefined;
  return named === undefined || isKnown ? new Map() : new Map<Role, string>([[id, named]]);
}

function isOneOf(table: Table, names: readonly string[]): (column: Column) => boolean {
  const places = new Set(names.map((name) => findColumn(table, name)?.index));
  return ({ index }) => places.has(index);
}
