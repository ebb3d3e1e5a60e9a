/**
 * node --expose-gc ticks.mjs plain|kept prints the nanoseconds that a call of `process.nextTick`
 * takes after major collections
 */
import { setTimeout as delay } from 'node:timers/promises';
import { keepNextTickFast } from '../../dist/apps/api/src/common/next-tick.js';

const CALLS = 5_000;
const BATCHES = 30;
const COLLECTIONS = 10;

if (process.argv[2] === 'kept') keepNextTickFast();
await leastNanoseconds();
for (let collection = 0; collection < COLLECTIONS; collection++) {
  globalThis.gc();
  await delay(10);
}
process.stdout.write(String(await leastNanoseconds()));

/** Of several batches, which a busy machine seldom disturbs all. */
async function leastNanoseconds() {
  const found = [];
  for (let batch = 0; batch < BATCHES; batch++) found.push(((await timeBatch()) * 1e6) / CALLS);
  return Math.min(...found);
}

function timeBatch() {
  return new Promise((done) => {
    let left = CALLS;
    let elapsed = 0;
    const called = () => --left === 0 && done(elapsed);
    const started = performance.now();
    for (let call = 0; call < CALLS; call++) process.nextTick(called);
    elapsed = performance.now() - started;
  });
}
