import { executionAsyncResource } from 'node:async_hooks';

const kept: object[] = [];

/**
 * Keeps `process.nextTick`, which each answer calls five times, as fast as it is at first. Node makes an object for each call, by a
 * literal with computed keys. V8 remembers what class (map) the last one had, weakly: when a major garbage collection finds none
 * alive, the class goes, and V8 takes the next object for one of a second class and looks every key up from then on, at ten times
 * the cost. So one object stays alive. Node 20 to 24 need it.
 */
export function keepNextTickFast(): void {
  process.nextTick(() => kept.push(executionAsyncResource()));
}
