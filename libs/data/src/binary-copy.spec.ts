import fc from 'fast-check';
import { TripleReader } from './binary-copy.js';

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
  return Buffer.concat([HEADER, ...parts, Buffer.from([0xff, 0xff])]);
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
