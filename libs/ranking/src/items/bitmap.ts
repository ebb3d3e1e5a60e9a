const WORD_BITS = 32;

/** A set of item keys, one bit a key; keys past its end are not in it. */
export class Bitmap {
  #words: Uint32Array<ArrayBuffer>;

  /** @param size keys that it has room for from the start */
  constructor(size = 0) {
    this.#words = new Uint32Array(Math.ceil(size / WORD_BITS));
  }

  /** All keys below `size`. */
  static all(size: number): Bitmap {
    const bitmap = new Bitmap(size);
    bitmap.#words.fill(0xffff_ffff);
    for (let key = size; key < bitmap.#words.length * WORD_BITS; key++) bitmap.set(key, false);
    return bitmap;
  }

  has(key: number): boolean {
    return ((this.#words[key >>> 5] ?? 0) & (1 << (key & 31))) !== 0;
  }

  set(key: number, isIn: boolean): void {
    const word = key >>> 5;
    if (word >= this.#words.length) {
      if (!isIn) return;
      this.#grow(word + 1);
    }
    if (isIn) this.#words[word]! |= 1 << (key & 31);
    else this.#words[word]! &= ~(1 << (key & 31));
  }

  /** this ← this ∩ other */
  intersect(other: Bitmap): this {
    for (let word = 0; word < this.#words.length; word++) this.#words[word]! &= other.#words[word] ?? 0;
    return this;
  }

  /** this ← this ∪ other */
  unite(other: Bitmap): this {
    if (other.#words.length > this.#words.length) this.#grow(other.#words.length);
    for (let word = 0; word < other.#words.length; word++) this.#words[word]! |= other.#words[word]!;
    return this;
  }

  /** this ← this ∖ other */
  subtract(other: Bitmap): this {
    for (let word = 0; word < this.#words.length; word++) this.#words[word]! &= ~(other.#words[word] ?? 0);
    return this;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, 2 * this.#words.length));
    grown.set(this.#words);
    this.#words = grown;
  }
}
