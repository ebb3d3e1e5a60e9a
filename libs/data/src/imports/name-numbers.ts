import { ownText } from '#domain';

/** Room that a name takes beside its characters, in bytes; about what a Map needs. */
const BYTES_PER_NAME = 100;
const BYTES_PER_CHARACTER = 2;

/**
 * Numbers names in the order in which they come, in bounded memory: rows of a table are joined by numbers
 * much faster than by texts. After {@link forget} a name may get a second number.
 */
export class NameNumbers {
  readonly #numbers = new Map<string, number>();
  #next = 0;
  #bytes = 0;
  #fresh: string[] = [];
  #lastName: string | null = null;
  #lastNumber = 0;

  /** Many rows have the user or the type of the row before. */
  numberOf(name: string): number {
    if (name === this.#lastName) return this.#lastNumber;
    this.#lastNumber = this.#numbers.get(name) ?? this.#add(name);
    this.#lastName = name;
    return this.#lastNumber;
  }

  #add(text: string): number {
    const name = ownText(text);
    this.#numbers.set(name, this.#next);
    this.#fresh.push(name);
    this.#bytes += BYTES_PER_NAME + BYTES_PER_CHARACTER * name.length;
    return this.#next++;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** How many numbers there are. */
  get count(): number {
    return this.#next;
  }

  /** Names that were numbered since the last call, and the number of the first of them. */
  takeFresh(): { readonly names: readonly string[]; readonly first: number } {
    const names = this.#fresh;
    this.#fresh = [];
    return { names, first: this.#next - names.length };
  }

  forget(): void {
    this.#numbers.clear();
    this.#lastName = null;
    this.#bytes = 0;
  }
}
