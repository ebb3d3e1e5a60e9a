import type { TrainingRunStatus } from '#domain';
import type { QueueDepth, QueueName } from '#queue';
import { GlobalNumbers } from './global-numbers.js';

const DEPTH: QueueDepth = { waiting: 1, active: 0, delayed: 0, oldestMs: 5 };

class Sources {
  reads = 0;

  queues(): Promise<ReadonlyMap<QueueName, QueueDepth>> {
    this.reads++;
    return Promise.resolve(new Map([['training', DEPTH] as const]));
  }

  runs(): Promise<ReadonlyMap<TrainingRunStatus, number>> {
    return Promise.resolve(new Map([['failed', this.reads] as const]));
  }
}

describe('global numbers', () => {
  it('are read once for all who ask at once or soon after', async () => {
    const sources = new Sources();
    const numbers = new GlobalNumbers(sources);
    const [one, other] = await Promise.all([numbers.read(1_000), numbers.read(1_000)]);
    expect(one.queues!.get('training')).toBe(DEPTH);
    expect([other, await numbers.read(1_999)]).toEqual([one, one]);
    expect(sources.reads).toBe(1);
    await numbers.read(2_000);
    expect(sources.reads).toBe(2);
  });

  it('are null for a store that fails or does not answer, and the others are there', async () => {
    const sources = new Sources();
    sources.queues = () => Promise.reject(new Error('away'));
    expect(await new GlobalNumbers(sources).read()).toEqual({ queues: null, runs: new Map([['failed', 0]]) });
    sources.queues = () => new Promise(() => undefined);
    expect((await new GlobalNumbers(sources, 1).read()).queues).toBeNull();
  });
});
