import { TRAINING_STAGES } from '#domain';
import { progressOf } from './run-progress.js';

describe('progressOf', () => {
  it('never falls from one stage to the next and ends at 1', () => {
    const points = TRAINING_STAGES.flatMap((stage) => [progressOf(stage, 0), progressOf(stage, 1)]);
    expect(points).toEqual([...points].sort((a, b) => a - b));
    expect(points.at(0)).toBe(0);
    expect(points.at(-1)).toBe(1);
  });

  it('keeps a fraction out of range within its stage', () => {
    expect(progressOf('fitting', 2)).toBe(progressOf('fitting', 1));
    expect(progressOf('fitting', -1)).toBe(progressOf('loading', 1));
  });
});
