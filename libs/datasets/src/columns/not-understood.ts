import type { DomainError } from '#domain';
import type { Row, Table } from '../formats/table.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { GivenColumns } from './columns-option.js';
import { guessColumns } from './guess.js';
import { findColumn, type Mapping } from './mapping.js';
import { ALIASES, nearestName, plainName } from './roles.js';

const GUESSED_ROWS = 200;
const SHOWN = 100;
const SHOWN_NAMES = 8;
const IDS = ['user', 'item'] as const;
type Id = (typeof IDS)[number];

/** Says which columns are missing, and the option that would name them. */
export function notUnderstood(table: Table, mapping: Mapping, given: GivenColumns): DomainError {
  const absent = [...given.values()].find((name) => findColumn(table, name) === null);
  if (absent !== undefined) return columnNotThere(table, absent, '--columns');
  const missing = IDS.filter((role) => !mapping.columns[role]);
  if (table.names) return headerNotUnderstood(table, table.names, missing);
  return noHeader(table);
}

function columnNotThere({ source, names, width }: Table, absent: string, option: string): DomainError {
  const there = names ? `has ${shownNames(names)}` : `has ${width} columns`;
  return sourceInvalid(
    source.name,
    `it has no column "${absent.slice(0, 40)}"; it ${there}, so correct ${option}`,
  );
}

function shownNames(names: readonly string[]): string {
  return names.map(plainName).join(', ').slice(0, 300);
}

/** What a table is said to be. */
export interface SaidToBe {
  readonly id: Id;
  /** The option that says which of its columns is what. */
  readonly option: '--item-columns' | '--user-columns';
}

/** Says which column of a table of items or of users is missing, and the option that would name it. */
export function notAsSaid(table: Table, { id, option }: SaidToBe, given: GivenColumns): DomainError {
  const absent = [...given.values()].find((name) => findColumn(table, name) === null);
  if (absent !== undefined) return columnNotThere(table, absent, option);
  const { source, names, head, delimiter } = table;
  const must = `it is no table of ${id}s; its header must name the ${id}, for example ${id}Id or id`;
  const first = toCells(head[0] ?? {}).join(delimiter ?? ',');
  const remedy = names
    ? `it has ${shownNames(names)}, so say which is the ${id} by ${option} id=NAME`
    : `if its first row, ${first.slice(0, SHOWN)}, is a header, say which is the ${id} by ${option} id=NAME, and if it is data, by ${option} id=1`;
  return sourceInvalid(source.name, `${must}; ${remedy}`);
}

function headerNotUnderstood(
  { source }: Table,
  names: readonly string[],
  missing: readonly Id[],
): DomainError {
  return sourceInvalid(
    source.name,
    `no column of ${shownNames(names)} is understood as ${namesOf(missing)}${hintOf(names, missing)}; say which by ${columnsFor(names, missing)}`,
  );
}

/** Of a first row that can be data, because it has digits in it, that is said first. */
function noHeader({ source, head, delimiter }: Table): DomainError {
  const rows = head.slice(0, GUESSED_ROWS).map(toCells);
  const cells = rows[0] ?? [];
  const first = cells.join(delimiter ?? ',').slice(0, SHOWN);
  const asHeader = `if it is a header, say which column is what by ${columnsFor(cells, IDS)}${hintOf(cells, IDS)}; understood would be ${namesOf(IDS)}`;
  const asData = `if it is data, say --no-header --columns ${guessColumns(rows)}`;
  const isDataFirst = cells.some((cell) => /\d/.test(cell));
  const ways = isDataFirst ? [asData, asHeader] : [asHeader, asData];
  return sourceInvalid(source.name, `its first row, ${first}, has no known column name; ${ways.join('; ')}`);
}

/** The commonest names of each role, and how many more there are. */
function namesOf(roles: readonly Id[]): string {
  return roles
    .map((role) => {
      const names = ALIASES[role];
      const more = names.length - SHOWN_NAMES;
      return `${role} (known: ${names.slice(0, SHOWN_NAMES).join(', ')} and ${more} more in docs/data.md)`;
    })
    .join(' and ');
}

function hintOf(cells: readonly string[], roles: readonly Id[]): string {
  const near = nearest(cells, roles).map(
    ({ cell, alias }) => `"${plainName(cell).slice(0, 40)}" is near to ${alias}`,
  );
  return near.length === 0 ? '' : ` (${near.join(', ')})`;
}

/** The option that names the columns, by what is near to a known name. */
function columnsFor(cells: readonly string[], roles: readonly Id[]): string {
  const near = nearest(cells, roles);
  const named = roles.map(
    (role) => `${role}=${near.find((found) => found.role === role)?.cell.slice(0, 40) ?? 'NAME'}`,
  );
  return `--columns ${named.join(',')}`;
}

interface Near {
  readonly role: Id;
  readonly cell: string;
  readonly alias: string;
}

/** For each role the first cell that is near to one of its names. */
function nearest(cells: readonly string[], roles: readonly Id[]): readonly Near[] {
  return roles.flatMap((role) => {
    const found = cells.flatMap((cell) => {
      const alias = nearestName(cell, [role]);
      return alias === null ? [] : [{ role, cell: plainName(cell), alias }];
    });
    return found.slice(0, 1);
  });
}

function toCells(row: Row): string[] {
  return Object.values(row).map((cell) => (typeof cell === 'string' ? cell.trim() : JSON.stringify(cell)));
}
