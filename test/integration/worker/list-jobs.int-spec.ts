import { gunzipSync } from 'node:zlib';
import type { ListJob, StoredList } from '#domain';
import { waitFor } from '../../support/processes.js';
import { describeOnBackends } from '../../support/redis.js';
import { CATALOG, WorkerHarness } from './harness.js';

/** More than the first block of a job has. */
const USERS = 700;
/** `SPARSEREC_LONG_KILLS=1` kills a worker at each of many parts. */
const KILLS = process.env['SPARSEREC_LONG_KILLS'] === '1' ? 12 : 1;

describeOnBackends('list jobs whose worker is killed', ({ redis }) => {
  let harness: WorkerHarness;
  let modelId: string;

  beforeAll(async () => {
    harness = await WorkerHarness.create(redis ? 'Redis' : 'PostgreSQL');
    await harness.record({ numUsers: KILLS * USERS, numItems: 40, itemsPerUser: 8 });
    await harness.startWorker();
    const { id } = await harness.startRun();
    modelId = (await harness.waitUntilFinished(id)).modelId!;
    await harness.stopWorkers();
  });
  afterAll(() => harness.close());

  const create = () =>
    harness.listJobs.create({
      catalogId: CATALOG,
      modelId,
      k: 5,
      filter: null,
      requestId: null,
      traceParent: null,
    });

  const listsOf = async ({ id, parts }: ListJob): Promise<StoredList[]> => {
    const lines: string[] = [];
    for (let position = 0; position < parts; position++)
      lines.push(gunzipSync((await harness.listJobs.loadPart(id, position))!).toString());
    return lines
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as StoredList);
  };

  const finished = (id: string) =>
    waitFor('the list job', async () => {
      const job = await harness.listJobs.find(id);
      return job?.finishedAt ? job : null;
    });

  it('go on behind the last part, also when the queue has lost them', async () => {
    const whole = await create();
    await harness.startWorker();
    const wanted = await listsOf(await finished(whole.id));
    await harness.stopWorkers();
    const { id } = await create();
    for (let kill = 0; kill < KILLS; kill++) {
      const { usersDone } = (await harness.listJobs.find(id))!;
      const held = await harness.hold('list_job_parts', 'SHARE');
      const doomed = await harness.startWorker();
      await held.untilAnyoneWaits();
      await held.letOnePass();
      await held.untilAnyoneWaits();
      await doomed.kill('SIGKILL');
      await held.release();
      await harness.forgetJobs();
      expect((await harness.listJobs.find(id))!.usersDone).toBeGreaterThan(usersDone);
    }
    await harness.startWorker();
    const job = await finished(id);
    await harness.stopWorkers();
    expect(job).toMatchObject({
      status: 'succeeded',
      attempts: 1 + KILLS,
      usersDone: KILLS * USERS,
      error: null,
    });
    expect(await listsOf(job)).toEqual(wanted);
    expect(wanted).toHaveLength(KILLS * USERS);
    expect(new Set(wanted.map(({ userId }) => userId)).size).toBe(KILLS * USERS);
  });

  it('end by a reason that the caller can read when their model is gone', async () => {
    const job = await harness.listJobs.create({
      ...{ catalogId: CATALOG, k: 5, filter: null, requestId: null, traceParent: null },
      modelId: '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11',
    });
    await harness.startWorker();
    const failed = await finished(job.id);
    await harness.stopWorkers();
    expect(failed).toMatchObject({ status: 'failed', parts: 0, error: { code: 'model-not-found' } });
  });
});
