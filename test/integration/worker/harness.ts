import { getQueueToken } from '@nestjs/bullmq';
import type { TestingModule } from '@nestjs/testing';
import type { Job, Queue } from 'bullmq';
import {
  Database,
  ImportsRepository,
  ListJobsRepository,
  ModelsRepository,
  SchedulesRepository,
  SnapshotReader,
  TrainingCheckpointsRepository,
  TrainingPartsRepository,
  TrainingRunsRepository,
  type ScheduleInput,
  type Snapshot,
} from '#data';
import { isFinished, type Interaction, type ScheduleGate, type TrainingRun } from '#domain';
import { BlockQueue, TRAINING_JOB, TRAINING_QUEUE, TrainingQueue, trainingJobId } from '#queue';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor, type NodeCommand, type TestEnvironment } from '../../support/processes.js';
import { TestRedis, type Backend } from '../../support/redis.js';
import { createQueues } from './queues.js';

export const CATALOG = 'default';
/** Ticks every second second. */
export const FREQUENT_SCHEDULE = 'often';
const WORKER_ENTRY = 'programs/worker.js';

/**
 * Catalogue sizes: one that trains at once, one whose fit takes some seconds, one that
 * a small budget refuses.
 */
export const SMALL = { numUsers: 60, numItems: 40, itemsPerUser: 8 };
export const LARGE = { numUsers: 1_000, numItems: 2_500, itemsPerUser: 12 };
export const HUGE = { numUsers: 900, numItems: 6_000, itemsPerUser: 12 };

/** A table that is locked. */
export interface HeldTable {
  readonly isAnyoneWaiting: () => Promise<boolean>;
  readonly untilAnyoneWaits: () => Promise<unknown>;
  readonly release: () => Promise<unknown>;
  /** Lets those go on who wait, and holds the table again as soon as they are done with it. */
  readonly letOnePass: () => Promise<unknown>;
}

/** A database, the queue's server, and as many worker processes as a test starts. */
export class WorkerHarness {
  readonly runs: TrainingRunsRepository;
  readonly models: ModelsRepository;
  readonly listJobs: ListJobsRepository;
  readonly schedules: SchedulesRepository;
  readonly checkpoints: TrainingCheckpointsRepository;
  readonly parts: TrainingPartsRepository;
  readonly #imports: ImportsRepository;
  readonly #workers: ServiceProcess[] = [];

  private constructor(
    private readonly testDatabase: TestDatabase,
    private readonly database: Database,
    private readonly testRedis: TestRedis | null,
    private readonly queues: TestingModule,
  ) {
    this.runs = new TrainingRunsRepository(database);
    this.models = new ModelsRepository(database);
    this.listJobs = new ListJobsRepository(database);
    this.schedules = new SchedulesRepository(database);
    this.checkpoints = new TrainingCheckpointsRepository(database);
    this.parts = new TrainingPartsRepository(database);
    this.#imports = new ImportsRepository(database);
  }

  static async create(backend: Backend): Promise<WorkerHarness> {
    const testDatabase = await createTestDatabase();
    const redis = backend === 'Redis' ? await TestRedis.start() : null;
    const environment = { DATABASE_URL: testDatabase.url, REDIS_URL: redis?.url ?? '', QUEUE_PREFIX: 'test' };
    const database = Database.connect(testDatabase.url, { maxConnections: 3 });
    return new WorkerHarness(testDatabase, database, redis, await createQueues(environment));
  }

  get redis(): TestRedis {
    if (this.testRedis === null) throw new Error('This harness has no Redis.');
    return this.testRedis;
  }

  get environment(): { DATABASE_URL: string; REDIS_URL: string; QUEUE_PREFIX: string } {
    const { url } = this.testDatabase;
    return { DATABASE_URL: url, REDIS_URL: this.testRedis?.url ?? '', QUEUE_PREFIX: 'test' };
  }

  get queue(): TrainingQueue {
    return this.queues.get(TrainingQueue);
  }

  get blockQueue(): BlockQueue {
    return this.queues.get(BlockQueue);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
    await this.queues.close();
    await this.database.close();
    await this.testRedis?.stop();
    await this.testDatabase.drop();
  }

  spawnWorker(overrides: TestEnvironment = {}, node?: NodeCommand): ServiceProcess {
    // Small data gains nothing by threads, which take a second to start.
    const quick = { RECONCILE_SECONDS: '1', TRAINING_THREADS: '1' };
    const worker = new ServiceProcess(WORKER_ENTRY, { ...this.environment, ...quick, ...overrides }, node);
    this.#workers.push(worker);
    return worker;
  }

  async startWorker(overrides: TestEnvironment = {}, node?: NodeCommand): Promise<ServiceProcess> {
    const worker = this.spawnWorker(overrides, node);
    await worker.waitForEvent('worker.started');
    return worker;
  }

  spawnHealthCheck(overrides: TestEnvironment = {}): ServiceProcess {
    return new ServiceProcess('apps/worker/src/health.js', { ...this.environment, ...overrides });
  }

  /** The queue loses everything, as when Redis is flushed. */
  async forgetJobs(): Promise<void> {
    if (this.testRedis !== null) await this.testRedis.flush();
    else await this.testDatabase.query('DELETE FROM bullmq.job');
  }

  /** Enqueues a run whose first failure is the last, as of a job that was tried often. */
  async enqueueOnce(runId: string): Promise<void> {
    const options = { jobId: trainingJobId(runId), removeOnFail: true };
    await this.queues.get<Queue>(getQueueToken(TRAINING_QUEUE)).add(TRAINING_JOB, { runId }, options);
  }

  async findJob(runId: string): Promise<Job | undefined> {
    return this.queues.get<Queue>(getQueueToken(TRAINING_QUEUE)).getJob(trainingJobId(runId));
  }

  /** Whoever needs the table in a mode that conflicts waits until `release`. */
  async hold(
    table: 'models' | 'interactions' | 'list_job_parts' | 'training_artifacts',
    mode: 'SHARE' | 'ACCESS EXCLUSIVE',
  ): Promise<HeldTable> {
    await this.testDatabase.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
    const isAnyoneWaiting = async () => {
      const { rows } = await this.testDatabase.query(
        `SELECT FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`,
      );
      return rows.length > 0;
    };
    return {
      isAnyoneWaiting,
      untilAnyoneWaits: () => waitFor(`somebody who waits for ${table}`, isAnyoneWaiting),
      release: () => this.testDatabase.query('COMMIT'),
      letOnePass: () => this.testDatabase.query(`COMMIT; BEGIN; LOCK TABLE ${table} IN ${mode} MODE`),
    };
  }

  async breakDatabaseConnections(): Promise<void> {
    await this.testDatabase.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await waitFor('a new connection of our own', () => this.database.isReachable());
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.kill()));
  }

  /** Users with different tastes: each likes items around a point of its own. */
  async record({ numUsers, numItems, itemsPerUser }: typeof SMALL, firstUser = 0): Promise<void> {
    const occurredAt = new Date('2026-01-01T00:00:00.000Z');
    const interactions = function* (): Generator<readonly Interaction[]> {
      for (let user = firstUser; user < firstUser + numUsers; user++)
        yield Array.from({ length: itemsPerUser }, (_, n) => {
          const item = (user * 7 + n * 3) % numItems;
          return { userId: `user-${user}`, itemId: `item-${item}`, type: 'view', weight: 1, occurredAt };
        });
    };
    await this.#imports.importAll(CATALOG, { interactions: toAsync(interactions()) });
  }

  async createRun(
    parameters: TrainingRun['parameters'] = {},
    { withLeaderboard = false, kind = 'ease' } = {},
  ): Promise<TrainingRun> {
    const what = { catalogId: CATALOG, kind, parameters, withLeaderboard };
    return this.runs.create({ ...what, activate: true });
  }

  /** Creates a run and enqueues it, as the API does. */
  async startRun(
    parameters: TrainingRun['parameters'] = {},
    options?: { readonly withLeaderboard?: boolean; readonly kind?: string },
  ): Promise<TrainingRun> {
    const run = await this.createRun(parameters, options);
    await this.queue.enqueue(run);
    return run;
  }

  async putFrequentSchedule(gate: ScheduleGate | null = null, kind = 'ease'): Promise<void> {
    await this.putSchedule({ gate, kind });
  }

  async putSchedule(changes: Partial<ScheduleInput> = {}): Promise<void> {
    await this.schedules.put({
      catalogId: CATALOG,
      name: FREQUENT_SCHEDULE,
      cron: '*/2 * * * * *',
      timeZone: 'UTC',
      kind: 'ease',
      parameters: {},
      gate: null,
      enabled: true,
      missed: 'run-once',
      ...changes,
    });
  }

  /** As if no worker had run since then: the schedules were due, and nobody came. */
  async letTicksBeMissed(dueAt: Date): Promise<void> {
    await this.testDatabase.query(`UPDATE schedules SET next_tick_at = '${dueAt.toISOString()}'`);
  }

  async waitForStage(runId: string, stage: TrainingRun['stage']): Promise<TrainingRun> {
    return waitFor(`stage ${stage}`, async () => {
      const run = await this.loadRun(runId);
      if (isFinished(run.status)) throw new Error(`The run ended before ${stage}: ${JSON.stringify(run)}`);
      return run.stage === stage ? run : null;
    });
  }

  async waitUntilFinished(runId: string, limitMs = 60_000): Promise<TrainingRun> {
    return waitFor(
      `the end of run ${runId}`,
      async () => {
        const run = await this.loadRun(runId);
        return isFinished(run.status) ? run : null;
      },
      limitMs,
    ).catch((error: unknown) => {
      throw new Error(this.#workers.map((worker) => worker.describe('is a witness')).join('\n'), {
        cause: error,
      });
    });
  }

  async loadArtifact(modelId: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const chunk = await this.models.loadArtifactChunk(modelId, chunks.length);
      if (chunk === null) return Buffer.concat(chunks);
      chunks.push(chunk);
    }
  }

  /** Rows of a table, past what the repositories show. */
  async count(table: string, condition = 'true'): Promise<number> {
    const { rows } = await this.testDatabase.query(`SELECT FROM ${table} WHERE ${condition}`);
    return rows.length;
  }

  /** As if nothing had ever been trained, so that the next run makes its model anew. */
  async forgetModels(): Promise<void> {
    await this.testDatabase.query('DELETE FROM models');
  }

  async loadSnapshot(): Promise<Snapshot> {
    return new SnapshotReader(this.database).load(CATALOG);
  }

  async loadRun(runId: string): Promise<TrainingRun> {
    return this.runs.load(CATALOG, runId);
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- the repository reads async streams
async function* toAsync<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}
