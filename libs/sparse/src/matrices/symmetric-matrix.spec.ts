import { CapacityExceededError, ShapeError } from '../errors.js';
import { SymmetricMatrix } from './symmetric-matrix.js';

describe('SymmetricMatrix', () => {
  it('states its bytes and refuses more than it may have before it allocates', () => {
    expect(SymmetricMatrix.bytesFor(12_000)).toBe((4 * 512 * 512 * 24 * 25) / 2);
    expect(() => SymmetricMatrix.allocate(12_000, { maxBytes: 1_000 })).toThrow(CapacityExceededError);
    expect(() => SymmetricMatrix.allocate(1.5)).toThrow(ShapeError);
    expect(() => SymmetricMatrix.allocate(2).get(2, 0)).toThrow(ShapeError);
  });
});
