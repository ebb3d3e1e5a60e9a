import fc from 'fast-check';
import { decodeFrame, encodeFrame, type FrameContent } from './frame.js';

const CONTENT: FrameContent = {
  format: 'test',
  version: 3,
  fields: { kernel: 'none', numItems: 7 },
  sections: {
    floats: Float32Array.of(1.5, -2, 3),
    unsigned: Uint32Array.of(1, 2 ** 32 - 1),
    signed: Int32Array.of(-1, 5, 7),
    halves: Uint16Array.of(9, 8, 7, 6, 5),
    bytes: Uint8Array.of(1, 2, 3),
    small: Int8Array.of(-1, 1),
    empty: new Float32Array(),
  },
};
const BYTES = encodeFrame(CONTENT);
const CORRUPT = expect.objectContaining({ code: 'model-corrupt' }) as unknown;

function failure(bytes: Uint8Array): unknown {
  try {
    return decodeFrame(bytes, 'test', 3);
  } catch (error) {
    return error;
  }
}

describe('frame', () => {
  it('gives back what it was given, from wherever it starts in memory', () => {
    for (const shift of [0, 1, 7, 8]) {
      const memory = new Uint8Array(BYTES.length + shift);
      memory.set(BYTES, shift);
      expect(decodeFrame(memory.subarray(shift), 'test', 3)).toEqual(CONTENT);
    }
  });

  it('starts as docs/formats.md says', () => {
    const view = new DataView(BYTES.buffer);
    expect(new TextDecoder().decode(BYTES.subarray(0, 4))).toBe('SPRC');
    expect(view.getUint32(0, true)).toBe(0x43525053);
    expect(view.getUint32(4, true)).toBe(1);
    expect(view.getFloat64(16, true)).toBe(BYTES.length);
    const json = new TextDecoder().decode(BYTES.subarray(24, 24 + view.getUint32(12, true)));
    expect(JSON.parse(json)).toMatchObject({ format: 'test', version: 3, fields: CONTENT.fields });
    expect(BYTES.length % 8).toBe(0);
  });

  it('is refused when any one byte is another', () => {
    for (let place = 0; place < BYTES.length; place++) {
      const changed = BYTES.slice();
      changed[place]! ^= 1 + (place % 255);
      expect([place, failure(changed)]).toEqual([place, CORRUPT]);
    }
  });

  it('is refused when it ends early, goes on, or is something else', () => {
    for (let length = 0; length < BYTES.length; length++)
      expect([length, failure(BYTES.subarray(0, length))]).toEqual([length, CORRUPT]);
    const longer = new Uint8Array(BYTES.length + 8);
    longer.set(BYTES);
    expect(failure(longer)).toEqual(CORRUPT);
    expect(failure(encodeFrame({ ...CONTENT, version: 4 }))).toEqual(CORRUPT);
    expect(failure(encodeFrame({ ...CONTENT, format: 'other' }))).toEqual(CORRUPT);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => expect(failure(bytes)).toEqual(CORRUPT)),
      { seed: 3, numRuns: 300 },
    );
  });
});
