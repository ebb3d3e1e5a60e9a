import { dependenciesOf } from './task-order.js';

describe('dependenciesOf', () => {
  it('keeps reads after writes, writes after writes, and writes after reads', () => {
    expect(
      dependenciesOf([
        { reads: [], writes: 0 },
        { reads: [0], writes: 1 },
        { reads: [0], writes: 2 },
        { reads: [], writes: 0 },
        { reads: [0, 1], writes: 2 },
        { reads: [2], writes: 2 },
      ]).map((after) => after.sort()),
    ).toEqual([[], [0], [0], [0, 1, 2], [1, 2, 3], [4]]);
  });
});
