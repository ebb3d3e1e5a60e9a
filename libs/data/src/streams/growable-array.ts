type Constructor<Numbers> = (new (buffer: SharedArrayBuffer, offset: number, length: number) => Numbers) & {
  readonly BYTES_PER_ELEMENT: number;
};
type Numbers = Int32Array | Uint32Array | Float32Array;

/** Numbers of one type in shared memory, as many as come, so that threads get them without a copy. */
export class GrowableArray<Kind extends Numbers> {
  #array: Kind;
  #length = 0;

  constructor(
    private readonly type: Constructor<Kind>,
    capacity = 1_024,
  ) {
    this.#array = this.#allocate(Math.max(1, capacity));
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#array.length) {
      const larger = this.#allocate(this.#array.length * 2);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length++] = value;
  }

  /** What was pushed, as a view. */
  view(): Kind {
    return new this.type(this.#array.buffer as SharedArrayBuffer, 0, this.#length);
  }

  /** What was pushed; nothing of it is held here any more. */
  take(): Kind {
    const taken = this.view();
    [this.#array, this.#length] = [this.#allocate(1), 0];
    return taken;
  }

  #allocate(capacity: number): Kind {
    return new this.type(new SharedArrayBuffer(capacity * this.type.BYTES_PER_ELEMENT), 0, capacity);
  }
}
