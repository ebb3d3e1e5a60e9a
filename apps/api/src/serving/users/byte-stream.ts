const PAYLOAD_BITS = 128;

/** Writes numbers one after another into memory that grows. */
export class ByteWriter {
  #bytes = Buffer.alloc(256);

  /** @param length bytes that are left free at the start */
  constructor(private length: number) {}

  /**
   * A whole number from 0 to 2⁵³ − 1: seven bits a byte, the lowest first; the highest bit
   * says that more follow.
   */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= PAYLOAD_BITS) {
      this.#bytes[this.length++] = (rest % PAYLOAD_BITS) + PAYLOAD_BITS;
      rest = Math.floor(rest / PAYLOAD_BITS);
    }
    this.#bytes[this.length++] = rest;
  }

  /** The count, then the difference of each from the one before. */
  ascending(values: Int32Array): void {
    this.varint(values.length);
    values.forEach((value, place) => this.varint(value - (values[place - 1] ?? 0)));
  }

  bytes(buffer: ArrayBufferLike): void {
    this.#reserve(buffer.byteLength);
    this.#bytes.set(new Uint8Array(buffer), this.length);
    this.length += buffer.byteLength;
  }

  /** A copy of what was written. */
  end(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.length));
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what `ByteWriter` wrote; the bytes have been checked. */
export class ByteReader {
  constructor(
    private readonly source: Buffer,
    private place: number,
  ) {}

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= PAYLOAD_BITS) {
      const byte = this.source[this.place++] ?? 0;
      value += (byte % PAYLOAD_BITS) * factor;
      if (byte < PAYLOAD_BITS) return value;
    }
  }

  ascending(): Int32Array {
    const values = new Int32Array(this.varint());
    let last = 0;
    for (let place = 0; place < values.length; place++) values[place] = last += this.varint();
    return values;
  }

  /** A copy, which starts where any array may. */
  bytes(length: number): ArrayBuffer {
    const copy = new Uint8Array(length);
    copy.set(this.source.subarray(this.place, this.place + length));
    this.place += length;
    return copy.buffer;
  }
}
