import { Logger } from '@nestjs/common';
import { loadEnvironment } from '#config';
import { OwnMeans } from './own-means.js';

const MEBIBYTE = 1024 * 1024;

describe('what a worker can do for the runs of others', () => {
  Logger.overrideLogger(false);
  const own = new OwnMeans(
    loadEnvironment({ DATABASE_URL: 'postgresql://any', TRAINING_MEMORY_MB: '100', TRAINING_THREADS: '4' }),
  );

  it.each([
    [60, 10, 4],
    [60, 15, 2],
    [90, 10, 1],
    [90, 11, 0],
    [200, 1, 0],
    [0, 0, 4],
  ])(
    'with %d MiB fixed and %d a thread of 100 it has room for %d of 4 threads',
    (fixed, thread, expected) => {
      const needs = { fixedBytes: fixed * MEBIBYTE, threadBytes: thread * MEBIBYTE };
      expect(own.threadsFor(needs)).toBe(expected);
    },
  );

  it('knows how its kernels round', () => {
    expect(own.probe).toMatch(/^[0-9a-f]{64}$/);
  });
});
