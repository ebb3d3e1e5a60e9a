import { Distribution } from './distribution.js';

describe('a distribution', () => {
  it('counts a value at each bound that is not below it', () => {
    const distribution = new Distribution([1, 2.5]);
    for (const value of [0, 1, 1.5, 2.5, 3]) distribution.observe(value);
    expect(distribution.cumulated).toEqual([2, 4, 5]);
    expect(distribution.sum).toBe(8);
  });

  it('is empty at first', () => {
    expect(new Distribution([1]).cumulated).toEqual([0, 0]);
  });
});
