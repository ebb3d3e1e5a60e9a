import type { Role } from '../columns/roles.js';

interface Fault {
  /** What the column is whose value it is. */
  readonly role?: Role;
  /** What else may be done than correcting or leaving out the row, each as `say --option`. */
  readonly remedies?: readonly string[];
}

/** Why a row cannot be stored; whoever reads rows adds where it stands, and what to do. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
  readonly role: Role | undefined;
  readonly remedies: readonly string[];

  constructor(reason: string, { role, remedies = [] }: Fault = {}) {
    super(reason);
    this.role = role;
    this.remedies = remedies;
  }
}

/** A value in a message: short, on one line, and marked as what was given. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, toJson);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function toJson(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** True of a value that says nothing: none, null or an empty text. */
export function isAbsent(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}
