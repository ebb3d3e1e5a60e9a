/**
 * Postgres' binary COPY format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
/** Timestamps count microseconds from 2000-01-01. */
export const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_32 = 2 ** 32;

/** Builds a stream of binary rows in one growing buffer. */
export class BinaryCopyWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #length = SIGNATURE.copy(this.#buffer);

  get length(): number {
    return this.#length;
  }

  startRow(numFields: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(numFields, this.#length);
  }

  null(): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(-1, this.#length);
  }

  boolean(value: boolean): void {
    this.#reserve(5);
    this.#length = this.#buffer.writeInt32BE(1, this.#length);
    this.#length = this.#buffer.writeUInt8(value ? 1 : 0, this.#length);
  }

  int32(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeInt32BE(4, this.#length);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  float32(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeInt32BE(4, this.#length);
    this.#length = this.#buffer.writeFloatBE(value, this.#length);
  }

  timestamp(value: Date): void {
    this.#reserve(12);
    // Exact, and much faster than a BigInt: what a Date can be and a timestamp too is below 2⁵³.
    const microseconds = (value.getTime() - POSTGRES_EPOCH_MS) * 1_000;
    const high = Math.floor(microseconds / TWO_32);
    this.#length = this.#buffer.writeInt32BE(8, this.#length);
    this.#length = this.#buffer.writeInt32BE(high, this.#length);
    this.#length = this.#buffer.writeUInt32BE(microseconds - high * TWO_32, this.#length);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#reserve(4 + bytes);
    this.#length = this.#buffer.writeInt32BE(bytes, this.#length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  /** Bytes written since the last call. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  /** The last bytes of the stream. */
  end(): Buffer {
    return Buffer.concat([this.take(), TRAILER]);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/**
 * The first field of the first row of a whole stream, as a view; null without a row, or for NULL. @throws
 * Error when it is incomplete
 */
export function readFirstField(stream: Buffer): Buffer | null {
  const row = stream.subarray(SIGNATURE.length);
  if (row.equals(TRAILER)) return null;
  const length = row.length < 6 ? Infinity : row.readInt32BE(2);
  if (6 + Math.max(0, length) > row.length) throw new Error('The binary COPY stream is incomplete');
  return length < 0 ? null : row.subarray(6, 6 + length);
}

/** Reads rows of one length, of fixed-size fields without NULL, wherever the stream is cut. */
export class FixedRowReader {
  #rest: Buffer = Buffer.alloc(0);
  #headerLeft = SIGNATURE.length;

  /**
   * @param rowBytes two for the number of fields, and for each field four for its length and its value's
   * @param onRow told where the row begins
   */
  constructor(
    private readonly rowBytes: number,
    private readonly onRow: (view: DataView, offset: number) => void,
  ) {}

  /** A part of the stream that is likely to be a row. @param view of the bytes that it is in */
  pushRow(view: DataView, start: number, end: number): void {
    const isRow = end - start === this.rowBytes && this.#rest.length === 0 && this.#headerLeft === 0;
    if (isRow) this.onRow(view, start);
    else this.push(Buffer.from(view.buffer, view.byteOffset + start, end - start));
  }

  push(chunk: Buffer): void {
    const skipped = Math.min(this.#headerLeft, chunk.length);
    this.#headerLeft -= skipped;
    const fresh = chunk.subarray(skipped);
    const bytes = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
    const end = Math.floor(bytes.length / this.rowBytes) * this.rowBytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let offset = 0; offset < end; offset += this.rowBytes) this.onRow(view, offset);
    this.#rest = bytes.subarray(end);
  }

  /** @throws Error when the stream ended within a row */
  end(): void {
    if (this.#headerLeft > 0 || !this.#rest.equals(TRAILER))
      throw new Error('The binary COPY stream is incomplete');
  }
}

/** Reads rows of three fields of 4 bytes: int, int, real. */
export class TripleReader extends FixedRowReader {
  constructor(onRow: (first: number, second: number, third: number) => void) {
    super(2 + 3 * 8, (view, offset) =>
      onRow(view.getInt32(offset + 6), view.getInt32(offset + 14), view.getFloat32(offset + 22)),
    );
  }
}
