/** Why a row cannot be stored; whoever reads rows adds where it stands. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
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
