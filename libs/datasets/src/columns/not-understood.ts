import type { DomainError } from '#domain';
import type { Row, Table } from '../formats/table.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { GivenColumns } from './columns-option.js';
import { guessColumns } from './guess.js';
import { findColumn, type Mapping } from './mapping.js';
import { ALIASES, nearestName, plainName } from './roles.js';

const GUESSED_ROWS = 200;
const SHOWN = 100;

/** Says which columns are missing, and the option that would name them. */
export function notUnderstood(table: Table, mapping: Mapping, given: GivenColumns): DomainError {
  const absent = [...given.values()].find((name) => findColumn(table, name) === null);
  if (absent !== undefined) return columnNotThere(table, absent);
  const missing = (['user', 'item'] as const).filter((role) => !mapping.columns[role]);
  if (table.names) return headerNotUnderstood(table, table.names, missing);
  return noHeader(table);
}

function columnNotThere({ source, names, width }: Table, absent: string): DomainError {
  const there = names ? `has ${names.map(plainName).join(', ').slice(0, 300)}` : `has ${width} columns`;
  return sourceInvalid(
    source.name,
    `it has no column "${absent.slice(0, 40)}"; it ${there}, so correct --columns`,
  );
}

function headerNotUnderstood(
  { source }: Table,
  names: readonly string[],
  missing: readonly ('user' | 'item')[],
): DomainError {
  const shown = names.map(plainName).join(', ').slice(0, 300);
  const wanted = missing
    .map((role) => `${role} (known: ${ALIASES[role].slice(0, 8).join(', ')}, …)`)
    .join(' and ');
  const near = names.flatMap((name) => {
    const nearest = nearestName(name, missing);
    return nearest === null ? [] : [`${plainName(name)} is near to ${nearest}`];
  });
  const hint = near.length === 0 ? '' : `; ${near[0]}`;
  const example = missing.map((role) => `${role}=NAME`).join(',');
  return sourceInvalid(
    source.name,
    `no column of ${shown} is understood as ${wanted}${hint}; say which by --columns ${example}`,
  );
}

function noHeader({ source, head, delimiter }: Table): DomainError {
  const rows = head.slice(0, GUESSED_ROWS).map(toCells);
  const first = (rows[0] ?? []).join(delimiter ?? ',').slice(0, SHOWN);
  const near = (rows[0] ?? []).flatMap((cell) => {
    const nearest = nearestName(cell, ['user', 'item']);
    return nearest === null ? [] : [`"${cell.slice(0, 40)}" is near to ${nearest}`];
  });
  const asHeader = `if it is a header, name its columns by --columns user=NAME,item=NAME${near.length > 0 ? ` (${near[0]})` : ''}`;
  return sourceInvalid(
    source.name,
    `its first row, ${first}, has no known column name; if it is data, say --no-header --columns ${guessColumns(rows)}; ${asHeader}`,
  );
}

function toCells(row: Row): string[] {
  return Object.values(row).map((cell) => (typeof cell === 'string' ? cell.trim() : JSON.stringify(cell)));
}
