import { mattersOf, type Seen } from '../src/pages/overview/attention.js';

const NOW = Date.parse('2026-01-02T00:00:00Z');
/** Only what is looked at. */
const seen = (fields: object): Seen => ({
  models: [],
  runs: [],
  schedules: [],
  interactions: null,
  days: [],
  queues: [],
  now: NOW,
  ...fields,
});
const wordsOf = (fields: object) => mattersOf(seen(fields)).map(({ text }) => text);
const ACTIVE = { status: 'active', createdAt: '2026-01-01T10:00:00Z' };
const schedule = (fields: object) => ({
  ...{ name: 'nightly', enabled: true, nextRunAt: '2026-01-03T00:00:00Z', lastOutcome: null, ...fields },
});

describe('what needs attention', () => {
  it('is nothing where all is well', () => {
    expect(wordsOf({ models: [ACTIVE], interactions: 100, schedules: [schedule({})] })).toEqual([]);
    expect(wordsOf({ interactions: 0 })).toEqual([]);
    expect(wordsOf({})).toEqual([]);
  });

  it('is a model that is missing', () => {
    expect(wordsOf({ interactions: 5 })).toEqual([expect.stringContaining('No model is active')]);
  });

  it('is a model that is older than much of its data', () => {
    const daysOf = (interactions: number) => [
      { date: '2026-01-01', interactions: 90 },
      { date: '2026-01-02', interactions },
    ];
    const known = { models: [ACTIVE], interactions: 100 };
    expect(wordsOf({ ...known, days: daysOf(4) })).toEqual([]);
    expect(wordsOf({ ...known, days: daysOf(10) })).toEqual([
      'The active model is older than its data: about 10 interactions (10 %) are of later days. Train again.',
    ]);
  });

  it('is a run that failed, unless a later one did not', () => {
    const failed = { model: 'ease', status: 'failed', error: { code: 'x', detail: 'too large' } };
    expect(wordsOf({ runs: [{ status: 'running' }, failed] })).toEqual([
      'The last training run (ease) has failed: too large',
    ]);
    expect(wordsOf({ runs: [{ status: 'succeeded' }, failed] })).toEqual([]);
  });

  it('is a schedule that fails, is late or never runs', () => {
    const runs = [{ status: 'succeeded' }, { status: 'failed', scheduleName: 'nightly' }];
    expect(wordsOf({ runs, schedules: [schedule({})] })).toEqual([
      'The last run of the schedule “nightly” has failed',
    ]);
    expect(wordsOf({ schedules: [schedule({ nextRunAt: '2026-01-01T23:00:00Z' })] })).toEqual([
      'The schedule “nightly” was due 1 h ago, and no worker has come for it',
    ]);
    const never = schedule({
      nextRunAt: null,
      lastOutcome: 'never runs: the cron expression has no next tick',
    });
    expect(wordsOf({ schedules: [never] })).toEqual([expect.stringContaining('never runs')]);
    expect(wordsOf({ schedules: [{ ...never, enabled: false }] })).toEqual([]);
  });

  it('is a queue that nobody empties', () => {
    const queues = [{ queue: 'training', waiting: 1, oldestSeconds: 61 }];
    expect(wordsOf({ queues })).toEqual([
      '1 job waits in the queue “training”, the oldest for 1 min: is a worker running?',
    ]);
  });
});
