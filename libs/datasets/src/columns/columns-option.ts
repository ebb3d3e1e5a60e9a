import { DomainError } from '#domain';
import { INTERACTION_ROLES, ITEM_ROLES, nearestOf, USER_ROLES, type Role } from './roles.js';

/** Which column is what, as a caller says: a name of the header, or a number from 1. */
export type GivenColumns = ReadonlyMap<Role, string>;

/** What the columns of one kind of table can be. */
interface KindOfColumns {
  /** What a caller may call them. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly example: string;
}

const INTERACTIONS: KindOfColumns = {
  roles: new Map([...INTERACTION_ROLES, ...ITEM_ROLES].map((role) => [role, role])),
  example: 'user=visitorid,item=itemid or user=1,item=2',
};
const ITEMS: KindOfColumns = {
  roles: new Map([['id', 'item'], ...ITEM_ROLES.map((role) => [role, role] as const)]),
  example: 'id=sku,title=name,tags=genres or id=1,title=2',
};
const USERS: KindOfColumns = {
  roles: new Map([['id', 'user'], ...USER_ROLES.map((role) => [role, role] as const)]),
  example: 'id=member,tags=groups or id=1,tags=2',
};

/**
 * Reads `user=visitorid,item=itemid,time=timestamp`.
 *
 * @throws DomainError `validation-failed`
 */
export function parseColumns(text: string): GivenColumns {
  return parse(text, INTERACTIONS);
}

/** Reads `id=sku,title=name,tags=genres` of a table of items. @throws DomainError `validation-failed` */
export function parseItemColumns(text: string): GivenColumns {
  return parse(text, ITEMS);
}

/** Reads `id=member,tags=groups` of a table of users. @throws DomainError `validation-failed` */
export function parseUserColumns(text: string): GivenColumns {
  return parse(text, USERS);
}

function parse(text: string, kind: KindOfColumns): GivenColumns {
  const given = new Map<Role, string>();
  for (const part of text.split(',')) {
    const [name, column] = splitOnce(part);
    if (column === '') throw invalidColumns(kind, `"${part.slice(0, 40)}" names no column`);
    const role = kind.roles.get(name);
    if (!role) throw unknownRole(kind, name);
    if (given.has(role)) throw invalidColumns(kind, `${name} is given twice`);
    given.set(role, column);
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

function unknownRole(kind: KindOfColumns, name: string): DomainError {
  const nearest = nearestOf(name, kind.roles);
  const hint = nearest === null ? '' : `, the nearest of which is ${nearest}`;
  return invalidColumns(
    kind,
    `"${name.slice(0, 40)}" is none of ${[...kind.roles.keys()].join(', ')}${hint}`,
  );
}

function invalidColumns({ example }: KindOfColumns, reason: string): DomainError {
  return new DomainError(
    'validation-failed',
    `columns: ${reason}; write role=column, for example ${example}`,
  );
}

/** True when all columns are given by number, as a file without a header needs it. */
export function areNumbers(given: GivenColumns): boolean {
  return given.size > 0 && [...given.values()].every((column) => /^[1-9]\d{0,5}$/.test(column));
}
