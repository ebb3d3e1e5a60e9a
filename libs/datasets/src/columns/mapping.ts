import type { GivenColumns } from './columns-option.js';
import { ALIASES, DATE_PARTS, DOUBTFUL, isKnownName, normalName, plainName, type Role } from './roles.js';

/** One column of a table. */
export interface Column {
  /** Its place from 0. */
  readonly index: number;
  /** Its name, or its number from 1 where there is no header. */
  readonly label: string | number;
}

/** Which column is what. */
export interface Mapping {
  readonly columns: Readonly<Partial<Record<Role, Column>>>;
  /** Year, month, day and, if there are any, hour, minute, second, which together are the time. */
  readonly dateParts: readonly Column[];
  /** Columns of the names `metadata` and `metadata.…`, of items and users. */
  readonly metadata: readonly Column[];
  /** Columns that nothing is read from. */
  readonly ignored: readonly Column[];
  /** Doubts, in words. */
  readonly warnings: readonly string[];
}

export interface MappingInput {
  /** Names of the header; null without one. */
  readonly names: readonly string[] | null;
  readonly width: number;
  readonly roles: readonly Role[];
  readonly given: GivenColumns;
  readonly ignore: readonly string[];
}

/** Finds a column by its name, or by its number from 1. */
export function findColumn(
  { names, width }: Pick<MappingInput, 'names' | 'width'>,
  wanted: string,
): Column | null {
  const index = names ? indexOfName(names, wanted) : -1;
  if (index >= 0) return toColumn(names, index);
  const number = /^\d{1,6}$/.test(wanted) ? Number(wanted) : 0;
  return number >= 1 && number <= width ? toColumn(names, number - 1) : null;
}

function indexOfName(names: readonly string[], wanted: string): number {
  const exact = names.indexOf(wanted);
  if (exact >= 0) return exact;
  const plain = names.findIndex((name) => plainName(name) === plainName(wanted));
  return plain >= 0 ? plain : names.findIndex((name) => normalName(name) === normalName(wanted));
}

function toColumn(names: readonly string[] | null, index: number): Column {
  return { index, label: names ? plainName(names[index]!) : index + 1 };
}

/** Maps what is given first, then what the header is understood to say. */
export class ColumnMapper {
  readonly #columns: Partial<Record<Role, Column>> = {};
  readonly #taken = new Set<number>();
  readonly #warnings: string[] = [];

  constructor(private readonly input: MappingInput) {}

  map(): Mapping {
    this.#takeGiven();
    const ignored = new Set(this.input.ignore.map((name) => findColumn(this.input, name)?.index));
    if (this.input.names) for (const role of this.input.roles) this.#takeAlias(role, ignored);
    const dateParts = this.#takeDateParts(ignored);
    const metadata = this.#takeMetadata(ignored);
    return {
      columns: this.#columns,
      dateParts,
      metadata,
      ignored: this.#rest(),
      warnings: this.#warnings,
    };
  }

  #takeGiven(): void {
    for (const [role, wanted] of this.input.given) {
      const column = findColumn(this.input, wanted);
      if (!column || !this.input.roles.includes(role)) continue;
      this.#columns[role] = column;
      this.#taken.add(column.index);
    }
  }

  #takeAlias(role: Role, ignored: ReadonlySet<number | undefined>): void {
    if (this.#columns[role]) return;
    const found = ALIASES[role].flatMap((alias) => this.#named(alias, ignored));
    const [column, ...others] = found;
    if (!column) return;
    this.#columns[role] = column;
    this.#taken.add(column.index);
    const doubt = DOUBTFUL[normalName(String(column.label))];
    if (doubt) this.#warnings.push(`${role} is read from the column ${column.label}: ${doubt}`);
    for (const other of others)
      this.#warnings.push(`${column.label} is taken as the ${role}, and ${other.label} is ignored`);
  }

  #named(alias: string, ignored: ReadonlySet<number | undefined>): Column[] {
    return this.input.names!.flatMap((name, index) =>
      normalName(name) === normalName(alias) && !this.#taken.has(index) && !ignored.has(index)
        ? [toColumn(this.input.names, index)]
        : [],
    );
  }

  #takeDateParts(ignored: ReadonlySet<number | undefined>): readonly Column[] {
    if (!this.input.names || this.#columns.time || !this.input.roles.includes('time')) return [];
    const parts: Column[] = [];
    for (const part of DATE_PARTS) {
      const [column] = this.#named(part, ignored);
      if (!column) break;
      parts.push(column);
    }
    if (parts.length < 3) return [];
    for (const { index } of parts) this.#taken.add(index);
    return parts;
  }

  #takeMetadata(ignored: ReadonlySet<number | undefined>): readonly Column[] {
    const { names, roles } = this.input;
    if (!names || !roles.includes('tags')) return [];
    return names.flatMap((name, index) => {
      if (!/^metadata(\..+)?$/s.test(plainName(name)) || ignored.has(index)) return [];
      this.#taken.add(index);
      return [toColumn(names, index)];
    });
  }

  #rest(): readonly Column[] {
    const { names, width } = this.input;
    return Array.from({ length: width }, (_, index) => index)
      .filter((index) => !this.#taken.has(index) && names?.[index]?.trim() !== '')
      .map((index) => toColumn(names, index));
  }
}

/** True when a first row names a user or an item, so that it is a header. */
export function isHeader(cells: readonly string[]): boolean {
  const ids = new Set([...ALIASES.user, ...ALIASES.item].map(normalName));
  return cells.some((cell) => ids.has(normalName(cell)) && isKnownName(cell));
}

/** A name that stands twice in a header; null when none does. */
export function repeatedName(names: readonly string[]): string | null {
  const plain = names.map(plainName).filter((name) => name !== '');
  return plain.find((name, index) => plain.indexOf(name) !== index) ?? null;
}
