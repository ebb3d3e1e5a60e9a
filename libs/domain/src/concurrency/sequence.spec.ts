import { setImmediate as turn } from 'node:timers/promises';
import { Sequence } from './sequence.js';

describe('a sequence', () => {
  it('begins work when the work before it has ended, also when that failed', async () => {
    const sequence = new Sequence();
    const events: string[] = [];
    const work = (name: string, turns: number, fails: boolean) => async () => {
      events.push(`${name} begins`);
      for (let n = 0; n < turns; n++) await turn();
      events.push(`${name} ends`);
      if (fails) throw new Error(`${name} failed`);
      return name;
    };
    const results = await Promise.allSettled([
      sequence.run(work('first', 3, false)),
      sequence.run(work('second', 2, true)),
      sequence.run(work('third', 0, false)),
    ]);
    expect(results).toEqual([
      { status: 'fulfilled', value: 'first' },
      { status: 'rejected', reason: new Error('second failed') },
      { status: 'fulfilled', value: 'third' },
    ]);
    expect(events).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });
});
