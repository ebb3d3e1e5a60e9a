import { isFinished } from '#domain';
import { parseParameters, seededRandom, train } from '#models';
import { waitFor, type ServiceProcess } from '../../support/processes.js';
import { describeOnBackends } from '../../support/redis.js';
import { CATALOG, HUGE, WorkerHarness } from './harness.js';

/** `SPARSEREC_LONG_KILLS=1` kills more workers. */
const MANY = process.env['SPARSEREC_LONG_KILLS'] === '1' ? 50 : 5;
const LIMIT_MS = 60_000 + MANY * 20_000;
/** Workers that join before each run: one and two on one backend, four on the other. */
const JOINING = { Redis: [4], PostgreSQL: [1, 1] };
/** Thirty parts of four blocks a fit, and a run has two fits. */
const CATALOGUE = { numUsers: 120, numItems: 120, itemsPerUser: 8 };
const BLOCKS = { form: 'blocks', blockSize: 20, coreSize: 1, regularization: 5 };
/** Three parts, of which each takes longer than any test. */
const LONG_BLOCKS = { form: 'blocks', blockSize: 6_000, coreSize: 700 };
/** Nobody looks after the first time what is missing and what is left. */
const NO_ROUNDS = { RECONCILE_SECONDS: '3600' };

describeOnBackends('runs whose blocks workers share', ({ backend }) => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create(backend);
  });
  afterEach(() => harness.close());

  /** The model that one process makes by itself. */
  const trainAlone = async () => {
    const { userKeys, hash: _hash, ...matrix } = await harness.loadSnapshot();
    const { artifact } = await train({
      ...matrix,
      ...{ numUsers: userKeys.length, numItems: matrix.itemKeys.length },
      ...{ kind: 'ease', parameters: parseParameters('ease', BLOCKS), seed: 1, threads: 1 },
    });
    return Buffer.from(artifact);
  };

  const artifactOf = async (runId: string) => {
    const run = await harness.waitUntilFinished(runId, LIMIT_MS);
    expect(run).toMatchObject({ status: 'succeeded', error: null, parts: { done: 30, all: 30 } });
    return Buffer.from(await harness.loadArtifact(run.modelId!));
  };

  const untilSolving = (count: number) =>
    waitFor(
      `${count} parts that are being solved`,
      async () => (await harness.count('training_parts', `status = 'running'`)) === count,
    );

  const untilNothingIsLeft = () =>
    waitFor('nothing to be left', async () => {
      const rows = (await harness.count('training_parts')) + (await harness.count('training_artifacts'));
      return rows + (await harness.blockQueue.count()) === 0;
    });

  it(
    'have the same bytes of any number of workers as of one process, and leave nothing',
    async () => {
      await harness.record(CATALOGUE);
      const alone = await trainAlone();
      for (const more of JOINING[backend]) {
        await Promise.all(Array.from({ length: more }, () => harness.startWorker()));
        const { id } = await harness.startRun(BLOCKS);
        expect(Buffer.compare(await artifactOf(id), alone)).toBe(0);
        await harness.forgetModels();
      }
      await untilNothingIsLeft();
    },
    LIMIT_MS,
  );

  it(
    'are shared by all workers at once',
    async () => {
      await harness.record(CATALOGUE);
      const workers = [await harness.startWorker(NO_ROUNDS), await harness.startWorker(NO_ROUNDS)];
      const held = await harness.hold('training_artifacts', 'SHARE');
      const { id } = await harness.startRun(BLOCKS);
      await held.untilAnyoneWaits();
      await held.letOnePass();
      await untilSolving(2);
      await held.release();
      await artifactOf(id);
      const solved = (worker: ServiceProcess) => worker.log.filter(({ event }) => event === 'blocks.solved');
      for (const worker of workers) expect(solved(worker).length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  // By one backend alone, since only the rows decide and these are dear.
  if (backend === 'PostgreSQL') return;

  it(
    `survive that ${MANY} workers are killed and the queue forgets everything`,
    async () => {
      await harness.record(CATALOGUE);
      const alone = await trainAlone();
      const random = seededRandom(24);
      const workers = [await harness.startWorker(NO_ROUNDS), await harness.startWorker(NO_ROUNDS)];
      let { id } = await harness.startRun(BLOCKS);
      for (let kills = 0; kills < MANY;) {
        const held = await harness.hold('training_artifacts', 'SHARE');
        const isGoingOn = () =>
          waitFor('somebody who waits, or the end', async () => {
            if (await held.isAnyoneWaiting()) return { yes: true };
            return isFinished((await harness.loadRun(id)).status) ? { yes: false } : null;
          });
        for (let passes = Math.floor(3 * random()); passes > 0 && (await isGoingOn()).yes; passes--)
          await held.letOnePass();
        if ((await isGoingOn()).yes) {
          const victim = Math.floor(2 * random());
          await workers[victim]!.kill('SIGKILL');
          await held.release();
          await harness.forgetJobs();
          workers[victim] = await harness.startWorker(NO_ROUNDS);
          kills++;
        } else {
          await held.release();
          expect(Buffer.compare(await artifactOf(id), alone)).toBe(0);
          await harness.forgetModels();
          ({ id } = await harness.startRun(BLOCKS));
        }
      }
      expect(Buffer.compare(await artifactOf(id), alone)).toBe(0);
      await harness.stopWorkers();
      await harness.startWorker();
      await untilNothingIsLeft();
    },
    LIMIT_MS,
  );

  /** Without its flag Node 20 has the plain build alone, which rounds otherwise. */
  const node = [process.execPath, ...process.execArgv.filter((flag) => !flag.includes('relaxed-simd'))];
  const otherBuild = node.length < 1 + process.execArgv.length ? it : it.skip;

  otherBuild(
    'are left alone by workers that round otherwise, and end a worker that finishes none',
    async () => {
      await harness.record(CATALOGUE);
      const first = await harness.startWorker({ ...NO_ROUNDS, TRAINING_PART_SECONDS: '1' });
      const held = await harness.hold('training_artifacts', 'SHARE');
      const { id } = await harness.startRun(BLOCKS);
      await held.untilAnyoneWaits();
      await held.letOnePass();
      await untilSolving(1);
      const other = await harness.startWorker(NO_ROUNDS, node as [string, ...string[]]);
      const [kernels, own] = [first, other].map(
        (worker) => worker.log.find(({ event }) => event === 'worker.kernels')?.['probe'],
      );
      expect(await other.waitForEvent('blocks.refused')).toMatchObject({ runId: id, kernels, own });
      expect(await first.exited()).toBe(1);
      expect(first.log.at(-1)).toMatchObject({ event: 'worker.stalled', runId: id });
      await held.release();
      await harness.forgetJobs();
      await harness.enqueueOnce(id);
      const run = await harness.waitUntilFinished(id);
      expect(run).toMatchObject({ status: 'failed', error: { code: 'kernels-differ' } });
      expect(other.log.filter(({ event }) => event === 'blocks.solved')).toEqual([]);
    },
  );

  it('end in all workers when the run is cancelled, and leave nothing', async () => {
    await harness.record(HUGE);
    const workers = [await harness.startWorker(), await harness.startWorker()];
    const { id } = await harness.startRun(LONG_BLOCKS);
    await untilSolving(2);
    await harness.runs.requestCancel(CATALOG, id);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'cancelled' });
    for (const worker of workers) await worker.waitForEvent('blocks.dropped');
    await untilNothingIsLeft();
  });

  it('fail with the reason of the part that fails, and leave nothing', async () => {
    await harness.record(HUGE);
    await harness.startWorker();
    const { id } = await harness.startRun(LONG_BLOCKS);
    const part = await waitFor('parts', async () => (await harness.parts.findOpen())[0]);
    await harness.parts.fail(part, { code: 'numerically-singular', detail: 'pivot 3 is not above zero' });
    const run = await harness.waitUntilFinished(id);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'numerically-singular' } });
    expect(run.error?.detail).toMatch(/\(pivot 3 is not above zero\): raise regularization above 300/);
    await untilNothingIsLeft();
  });
});
