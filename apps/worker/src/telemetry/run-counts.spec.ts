import { modelRegistry } from '#models';
import { ListCounts } from '../lists/list-counts.js';
import { RunCounts } from './run-counts.js';

it('has every outcome of every kind from the start, so that the first failure is an increase', () => {
  const counts = new RunCounts();
  expect([...counts.ends.keys()]).toEqual([...modelRegistry.keys()]);
  for (const ends of counts.ends.values())
    expect(Object.fromEntries(ends)).toEqual({
      ...{ succeeded: 0, unchanged: 0, failed: 0, cancelled: 0, superseded: 0, interrupted: 0 },
    });
  counts.noteEnd('ease', 'failed');
  expect(counts.ends.get('ease')?.get('failed')).toBe(1);
  expect(counts.ends.get('ials')?.get('failed')).toBe(0);
});

it('has every outcome of list jobs from the start', () => {
  const counts = new ListCounts();
  counts.noteEnd('failed');
  expect(Object.fromEntries(counts.ends)).toEqual({ succeeded: 0, failed: 1, gone: 0, interrupted: 0 });
});
