/** Rows that are not stored, by their reason. */
export interface LeftOut {
  readonly reason: string;
  readonly rows: number;
  /** Lines of the first ten. */
  readonly firstLines: readonly number[];
}

/** A row that is not stored. */
export interface LeftOutRow {
  readonly reason: string;
  readonly line: number;
  readonly file: string;
  /** True if it cannot be stored. */
  readonly isInvalid: boolean;
}

export const NAMED_LINES = 10;
const MAX_REASONS = 20;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** Counts rows by reason, and names the first lines of each. */
export class LeftOutRows {
  readonly #reasons = new Map<string, { rows: number; readonly firstLines: number[] }>();

  /** @param reason whose quoted values are left away, so that equal faults are one reason */
  add(reason: string, line: number): void {
    const general = reason.replace(QUOTED, '…');
    const key = this.#reasons.has(general) || this.#reasons.size < MAX_REASONS ? general : 'other reasons';
    const entry = this.#reasons.get(key) ?? { rows: 0, firstLines: [] };
    this.#reasons.set(key, entry);
    entry.rows++;
    if (entry.firstLines.length < NAMED_LINES) entry.firstLines.push(line);
  }

  list(): readonly LeftOut[] {
    return [...this.#reasons].map(([reason, { rows, firstLines }]) => ({ reason, rows, firstLines }));
  }
}
