import type { Change } from './catalog-change.js';

/** Longer than a notification and the log are apart. */
const KEPT_MS = 60_000;

/** A change with its transaction, which processes of earlier releases do not tell. */
export type ToldChange = Change & { readonly transaction?: string };

/** Changes that were told already: each comes by a notification and by the log, in any order. */
export class ToldChanges {
  #recent = new Set<string>();
  #older = new Set<string>();
  #recentSince = performance.now();

  /** @returns null for one that was told */
  take({ transaction, ...change }: ToldChange): Change | null {
    if (transaction === undefined) return change;
    this.#forgetOld();
    const name = `${transaction} ${JSON.stringify(change)}`;
    if (this.#recent.has(name) || this.#older.has(name)) return null;
    this.#recent.add(name);
    return change;
  }

  #forgetOld(): void {
    const now = performance.now();
    if (now - this.#recentSince < KEPT_MS) return;
    [this.#older, this.#recent] = [this.#recent, new Set()];
    this.#recentSince = now;
  }
}
