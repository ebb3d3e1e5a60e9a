import { setImmediate } from 'node:timers/promises';
import { inOrder } from './in-order.js';

describe('inOrder', () => {
  const inputs = Array.from({ length: 20 }, (_, n) => n);

  it.each([1, 3, 50])('gives all results in order, at most %i at once', async (width) => {
    let [running, most] = [0, 0];
    const results: number[] = [];
    for await (const result of inOrder(inputs, width, async (input) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < (input * 7) % 5; turn++) await setImmediate();
      running--;
      return input * 2;
    }))
      results.push(result);
    expect(results).toEqual(inputs.map((input) => input * 2));
    expect(most).toBeLessThanOrEqual(width);
    expect(most).toBeGreaterThanOrEqual(Math.min(width, 2));
  });

  it('begins nothing more when nobody reads on', async () => {
    let begun = 0;
    for await (const _ of inOrder(inputs, 4, () => Promise.resolve(++begun))) break;
    expect(begun).toBe(4);
  });

  it('gives nothing for nothing', async () => {
    expect(await inOrder([], 4, () => Promise.resolve(1)).next()).toEqual({ done: true, value: undefined });
  });
});
