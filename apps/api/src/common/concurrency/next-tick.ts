import { executionAsyncResource } from 'node:async_hooks';

const kept: object[] = [];

/**
 * Keeps `process.nextTick`, which each answer calls five times, as fast as it is at first. Node makes an
 * object for each call, by a literal with computed keys. V8 remembers the hidden class (map) of the last one,
 * weakly: when a major garbage collection finds none alive, the class goes, V8 takes the next object for one
 * of a second class, and from then on it looks up every key at eight to ten times the cost
 * (`bench -- next-tick`). So one object stays alive. Node 20, 22 and 24 need it; 26 does not.
 */
export function keepNextTickFast(): void {
  process.nextTick(() => kept.push(executionAsyncResource()));
}
