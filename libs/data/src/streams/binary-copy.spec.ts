import fc from 'fast-check';
import { readFirstField, TripleReader } from './binary-copy.js';

const TRAILER = Buffer.from([0xff, 0xff]);
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

function encode(rows: readonly (readonly [number, number, number])[]): Buffer {
  const parts = rows.map(([a, b, c]) => {
    const row = Buffer.alloc(26);
    row.writeInt16BE(3, 0);
    row.writeInt32BE(4, 2);
    row.writeInt32BE(a, 6);
    row.writeInt32BE(4, 10);
    row.writeInt32BE(b, 14);
    row.writeInt32BE(4, 18);
    row.writeFloatBE(c, 22);
    return row;
  });
  return Buffer.concat([HEADER, ...parts, TRAILER]);
}

describe('TripleReader', () => {
  it('reads rows wherever the stream is cut', () => {
    const row = fc.tuple(
      fc.nat(2 ** 31 - 1),
      fc.nat(2 ** 31 - 1),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.array(fc.nat(250)), (rows, cuts) => {
        const bytes = encode(rows);
        const read: number[][] = [];
        const reader = new TripleReader((...triple) => read.push(triple));
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        for (const [index, place] of places.entries())
          reader.push(bytes.subarray(places[index - 1] ?? 0, place));
        reader.end();
        expect(read).toEqual(rows);
      }),
      { seed: 4 },
    );
  });

  it('refuses a stream that ends within a row', () => {
    const reader = new TripleReader(() => undefined);
    reader.push(encode([[1, 2, 3]]).subarray(0, 30));
    expect(() => reader.end()).toThrow('incomplete');
  });
});

describe('readFirstField', () => {
  const streamOf = (field: Uint8Array) => {
    const start = Buffer.alloc(6);
    start.writeInt16BE(1, 0);
    start.writeInt32BE(field.length, 2);
    return Buffer.concat([HEADER, start, field, TRAILER]);
  };

  it('reads a field of any length, and no part of one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(26), (field, missing) => {
        const stream = streamOf(field);
        expect([...readFirstField(stream)!]).toEqual([...field]);
        const cut = stream.subarray(0, HEADER.length + Math.max(0, 5 + field.length - missing));
        expect(() => readFirstField(cut)).toThrow('incomplete');
      }),
      { seed: 5 },
    );
  });

  it('finds none without a row, and none in NULL', () => {
    expect(readFirstField(Buffer.concat([HEADER, TRAILER]))).toBeNull();
    const empty = Buffer.from([0, 1, 0xff, 0xff, 0xff, 0xff]);
    expect(readFirstField(Buffer.concat([HEADER, empty, TRAILER]))).toBeNull();
  });
});
