import type { Interaction } from '#domain';

/** Texts that stand for no user in many data sets; all such rows would be one user. */
const NOBODY = new Set(['na', 'n/a', 'nan', 'null', 'none', 'undefined', '\\n', '-1']);
const LONGEST_NOBODY = 9;
/** Two bytes of UTF-8 that were read as Latin-1, such as Ã© for é. */
const READ_TWICE = /[\u00c2\u00c3][\u0080-\u00bf]/;

/** Counts ids that may not be what they seem. */
export class DoubtfulIds {
  #nobodies = 0;
  #readTwice = 0;
  readonly #isLatin: boolean;

  constructor(private readonly encoding: string | null) {
    this.#isLatin = encoding === 'latin1' || encoding === 'windows-1252';
  }

  see({ userId, itemId }: Pick<Interaction, 'userId' | 'itemId'>): void {
    if (userId.length <= LONGEST_NOBODY && NOBODY.has(userId.toLowerCase())) this.#nobodies++;
    if (this.#isLatin && (READ_TWICE.test(userId) || READ_TWICE.test(itemId))) this.#readTwice++;
  }

  warnings(): readonly string[] {
    return [
      ...(this.#nobodies > 0
        ? [
            `a user such as NA or null is named ${this.#nobodies} times, and all rows of one such name count as one user`,
          ]
        : []),
      ...(this.#readTwice > 0
        ? [
            `${this.#readTwice} rows have ids such as Ã©, so the text may be UTF-8 with some broken bytes, and not ${this.encoding}`,
          ]
        : []),
    ];
  }
}
