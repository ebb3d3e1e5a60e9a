import { readFileSync } from 'node:fs';
import * as flags from './gemm-flags.js';

describe('the flags of dense products', () => {
  it('are the same on both sides of the seam', () => {
    const source = readFileSync(new URL('../../crate/src/ffi/gram.rs', import.meta.url), 'utf8');
    const ofCrate = [...source.matchAll(/pub const (\w+): u32 = (\d+);/g)];
    expect(Object.fromEntries(ofCrate.map(([, name, value]) => [name, Number(value)]))).toEqual({ ...flags });
  });
});
