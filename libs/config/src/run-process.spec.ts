import { exitLimitMs } from './run-process.js';

describe('the limit within which a process ends', () => {
  it('is longer than the drain, however long that is', () => {
    for (const DRAIN_SECONDS of [1, 20, 3_600])
      expect(exitLimitMs({ DRAIN_SECONDS })).toBeGreaterThan(DRAIN_SECONDS * 1_000);
  });
});
