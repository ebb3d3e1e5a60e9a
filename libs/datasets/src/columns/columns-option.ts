import { DomainError } from '#domain';
import { INTERACTION_ROLES, ITEM_ROLES, type Role } from './roles.js';

/** Which column is what, as a caller says: a name of the header, or a number from 1. */
export type GivenColumns = ReadonlyMap<Role, string>;

const ROLES: readonly string[] = [...new Set<string>([...INTERACTION_ROLES, ...ITEM_ROLES])];
const EXAMPLE = 'write role=column, for example user=visitorid,item=itemid or user=1,item=2';

/**
 * Reads `user=visitorid,item=itemid,time=timestamp`.
 *
 * @throws DomainError `validation-failed`
 */
export function parseColumns(text: string): GivenColumns {
  const given = new Map<Role, string>();
  for (const part of text.split(',')) {
    const [role, column] = splitOnce(part);
    if (column === '') throw invalidColumns(`"${part.slice(0, 40)}" names no column`);
    if (!ROLES.includes(role)) throw invalidColumns(`"${role.slice(0, 40)}" is none of ${ROLES.join(', ')}`);
    if (given.has(role as Role)) throw invalidColumns(`${role} is given twice`);
    given.set(role as Role, column);
  }
  return given;
}

/** Reads `price,colour`: names of the header, or numbers from 1. */
export function parseColumnNames(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

function invalidColumns(reason: string): DomainError {
  return new DomainError('validation-failed', `columns: ${reason}; ${EXAMPLE}`);
}

/** True when all columns are given by number, as a file without a header needs it. */
export function areNumbers(given: GivenColumns): boolean {
  return given.size > 0 && [...given.values()].every((column) => /^[1-9]\d{0,5}$/.test(column));
}
