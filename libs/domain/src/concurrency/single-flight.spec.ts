import { SingleFlight } from './single-flight.js';

describe('SingleFlight', () => {
  it('does the work of many calls once, and anew after it has ended', async () => {
    const flight = new SingleFlight<number>();
    let calls = 0;
    const work = () => Promise.resolve(++calls);
    expect(await Promise.all([flight.run('a', work), flight.run('a', work), flight.run('b', work)])).toEqual([
      1, 1, 2,
    ]);
    expect(await flight.run('a', work)).toBe(3);
  });

  it('fails all of its calls and works anew afterwards', async () => {
    const flight = new SingleFlight<number>();
    const failing = () => Promise.reject(new Error('away'));
    const results = await Promise.allSettled([flight.run('a', failing), flight.run('a', failing)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flight.run('a', () => Promise.resolve(1))).toBe(1);
  });

  it('lets nobody join work that began longer ago than they may be late', async () => {
    const flight = new SingleFlight<number>(0);
    let calls = 0;
    const work = () => Promise.resolve(++calls);
    expect(await Promise.all([flight.run('a', work), flight.run('a', work)])).toEqual([1, 2]);
    expect(await flight.run('a', work)).toBe(3);
  });
});
