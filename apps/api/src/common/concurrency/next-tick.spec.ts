import { createHook } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepNextTickFast } from './next-tick.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What Node makes for the call of `process.nextTick` in `work`. */
async function tickOf(work: () => void): Promise<WeakRef<object>> {
  const made: WeakRef<object>[] = [];
  const hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === 'TickObject') made.push(new WeakRef(resource));
    },
  }).enable();
  work();
  hook.disable();
  await turn();
  return made[0]!;
}

describe('keepNextTickFast', () => {
  it('keeps one object of nextTick alive, which else are collected', async () => {
    const other = await tickOf(() => process.nextTick(() => undefined));
    const kept = await tickOf(keepNextTickFast);
    for (let time = 0; time < 3; time++) {
      collect();
      await turn();
    }
    expect(other.deref()).toBeUndefined();
    expect(kept.deref()).toBeDefined();
  });
});
