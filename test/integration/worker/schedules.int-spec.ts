import { waitFor } from '../../support/processes.js';
import { describeOnBackends } from '../../support/redis.js';
import { CATALOG, SMALL, WorkerHarness } from './harness.js';

const HOURLY = '0 * * * *';
const AN_HOUR_MS = 3_600_000;
/** Time to set everything up before a tick. */
const SOON_MS = 8_000;

describeOnBackends('a schedule', ({ backend }) => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create(backend);
    await harness.record(SMALL);
  });
  afterEach(async () => {
    await harness.close();
  });

  const runsOf = async (name: string) =>
    (await harness.runs.findPage(CATALOG, null, 100)).items.filter((run) => run.scheduleName === name);
  const untilFinished = async (name: string) => {
    const run = await waitFor(`a run of ${name}`, async () => (await runsOf(name))[0]);
    return harness.waitUntilFinished(run.id);
  };
  const outcomeOf = async (name: string) => (await harness.schedules.load(CATALOG, name)).lastOutcome;
  /** Several rounds of all workers, and ticks of the queue. */
  const untilAnotherTicks = async (name: string) => {
    await harness.putSchedule({ name });
    for (let n = 0; n < 2; n++) {
      const before = (await harness.schedules.load(CATALOG, name)).lastTickAt?.getTime();
      await waitFor('the next tick', async () => {
        const { lastTickAt } = await harness.schedules.load(CATALOG, name);
        return lastTickAt !== null && lastTickAt.getTime() !== before;
      });
    }
  };

  it('that was due while the worker was down runs once at start, each of eight equal ones, and says that it was late', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `hourly-${n}`);
    for (const name of names) await harness.putSchedule({ name, cron: HOURLY, kind: 'popularity' });
    const first = await harness.startWorker();
    await first.waitForEvent('schedule.mirrored', (line) => line['scheduleName'] === names[7]);
    await harness.stopWorkers();
    const dueAt = new Date(Math.floor(Date.now() / AN_HOUR_MS - 3) * AN_HOUR_MS);
    await harness.letTicksBeMissed(dueAt);
    await harness.startWorker();
    for (const name of names) {
      expect(await untilFinished(name)).toMatchObject({ status: 'succeeded', dueAt });
      await waitFor('the outcome', async () => /^(data|trained)/.test((await outcomeOf(name)) ?? ''));
      expect(await outcomeOf(name)).toContain(
        `(late: it was due at ${dueAt.toISOString()}, and no worker ran)`,
      );
    }
    await untilAnotherTicks('often');
    for (const name of names) {
      expect(await runsOf(name)).toHaveLength(1);
      const { nextTickAt } = await harness.schedules.load(CATALOG, name);
      expect(nextTickAt!.getTime()).toBeGreaterThan(Date.now());
    }
  });

  it('that skips missed ticks starts nothing for one that was due while the worker was down, and says so', async () => {
    await harness.putSchedule({ name: 'hourly', cron: HOURLY, missed: 'skip' });
    const dueAt = new Date(Math.floor(Date.now() / AN_HOUR_MS - 1) * AN_HOUR_MS);
    await harness.letTicksBeMissed(dueAt);
    await harness.startWorker();
    await waitFor('the outcome', async () => (await outcomeOf('hourly')) !== null);
    expect(await outcomeOf('hourly')).toBe(
      `skipped a tick (late: it was due at ${dueAt.toISOString()}, and no worker ran)`,
    );
    expect(await runsOf('hourly')).toEqual([]);
  });

  it('runs exactly once with two workers, a flush of the queue and a restart in the same minute', async () => {
    const dueAt = new Date(Math.ceil((Date.now() + SOON_MS) / 1_000) * 1_000);
    const cron = `${dueAt.getUTCSeconds()} ${dueAt.getUTCMinutes()} ${dueAt.getUTCHours()} * * *`;
    await harness.putSchedule({ name: 'once', cron, kind: 'popularity' });
    await Promise.all([harness.startWorker(), harness.startWorker()]);
    await harness.forgetJobs();
    expect(await untilFinished('once')).toMatchObject({ status: 'succeeded', dueAt });
    await harness.stopWorkers();
    await harness.forgetJobs();
    await Promise.all([harness.startWorker(), harness.startWorker()]);
    await untilAnotherTicks('often');
    expect(await runsOf('once')).toHaveLength(1);
    expect((await harness.schedules.load(CATALOG, 'once')).lastOutcome).not.toContain('late');
  });

  it('writes the time of its last tick once a tick', async () => {
    await harness.putSchedule({ name: 'hourly', cron: HOURLY, kind: 'popularity' });
    await harness.letTicksBeMissed(new Date(Date.now() - 1_000));
    await harness.startWorker();
    const ticked = await waitFor('the tick', async () => {
      const { lastTickAt } = await harness.schedules.load(CATALOG, 'hourly');
      return lastTickAt;
    });
    await untilFinished('hourly');
    await waitFor('the outcome', async () => /^trained/.test((await outcomeOf('hourly')) ?? ''));
    expect((await harness.schedules.load(CATALOG, 'hourly')).lastTickAt).toEqual(ticked);
  });
});
