const FIRST_KEYS = 1_024;

/** Some keys of a table, one byte for each key up to the largest. */
export class KeySet {
  #has = new Uint8Array(FIRST_KEYS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: number): boolean {
    return this.#has[key] === 1;
  }

  add(key: number): void {
    if (this.#has[key] === 1) return;
    if (key >= this.#has.length) this.#grow(key);
    this.#has[key] = 1;
    this.#size++;
  }

  #grow(key: number): void {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(key + 1)));
    larger.set(this.#has);
    this.#has = larger;
  }
}
