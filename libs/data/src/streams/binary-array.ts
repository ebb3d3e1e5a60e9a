import { POSTGRES_EPOCH_MS } from './binary-copy.js';

/** Types of elements by the number that PostgreSQL has for them. */
const OID = { int2: 21, int4: 23, float4: 700, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
const TWO_32 = 2 ** 32;

/**
 * One-dimensional arrays as PostgreSQL reads them in a binary parameter, which costs it less than text:
 * https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c (`array_recv`).
 */
export const binaryArray = {
  int2: (values: readonly number[]) =>
    write(OID.int2, values, 2, (buffer, value, at) => buffer.writeInt16BE(value, at)),
  int4: (values: readonly number[]) =>
    write(OID.int4, values, 4, (buffer, value, at) => buffer.writeInt32BE(value, at)),
  float4: (values: readonly number[]) =>
    write(OID.float4, values, 4, (buffer, value, at) => buffer.writeFloatBE(value, at)),
  /** @param values milliseconds since 1970 */
  timestamptz: (values: readonly number[]) =>
    write(OID.timestamptz, values, 8, (buffer, value, at) => {
      const microseconds = (value - POSTGRES_EPOCH_MS) * 1_000;
      const high = Math.floor(microseconds / TWO_32);
      buffer.writeInt32BE(high, at);
      buffer.writeUInt32BE(microseconds - high * TWO_32, at + 4);
    }),
};

type WriteElement = (buffer: Buffer, value: number, at: number) => void;

function write(oid: number, values: readonly number[], bytes: number, writeElement: WriteElement): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + bytes));
  let at = 0;
  // One dimension, no NULL, the type, the length, and the index of the first element.
  for (const field of [1, 0, oid, values.length, 1]) at = buffer.writeInt32BE(field, at);
  for (const value of values) {
    at = buffer.writeInt32BE(bytes, at);
    writeElement(buffer, value, at);
    at += bytes;
  }
  return buffer;
}
