import type { QueryResultRow } from 'pg';
import type { RunError, RunParts, TrainingRun } from '#domain';
import type { Database } from '../connection/database.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';

/** Names a part of a run. */
export interface TrainingPartId {
  readonly runId: string;
  /** Name of the bytes that say what is to be solved. */
  readonly task: string;
  readonly position: number;
}

/** What a worker must have to solve parts of a task. */
export interface TaskNeeds {
  /** What its kernels compute. */
  readonly kernels: string;
  /** Memory for a part, and for each compute thread besides. */
  readonly fixedBytes: number;
  readonly threadBytes: number;
}

/** What a worker must have for one part. */
export interface PartNeeds extends Omit<TaskNeeds, 'kernels'> {
  /** Null: any. */
  readonly kernels: string | null;
  /** Whether the worker has the run too, whose estimate counts the parts. */
  readonly isOwn: boolean;
}

/** Blocks of a task that one worker solves at a time. */
export interface TrainingPart extends TrainingPartId {
  readonly firstBlock: number;
  readonly numBlocks: number;
  readonly attempts: number;
}

/** Parts that are still to be solved, with the origin of their run. */
export type OpenPart = TrainingPartId & Pick<TrainingRun, 'requestId' | 'traceParent'>;

/** How far the parts of a task are. */
export interface PartsProgress {
  readonly parts: RunParts;
  /** 0: there is no such task any more. */
  readonly blocks: number;
  readonly blocksDone: number;
  readonly error: RunError | null;
}

const PART = 'run_id = $1 AND task = $2 AND position = $3';
const UNFINISHED_RUN = `r.status IN ('queued', 'running') AND NOT r.cancel_requested`;
const UNFINISHED = `p.status IN ('queued', 'running')`;

const LOCK_ATTEMPT = `UPDATE training_runs SET kernels = $3 WHERE id = $1 AND attempts = $2 AND status = 'running'`;

const DELETE_OTHERS = 'DELETE FROM training_parts WHERE run_id = $1 AND task <> $2 RETURNING task, result';

const ADD = `INSERT INTO training_parts (run_id, task, position, first_block, num_blocks, fixed_bytes, thread_bytes)
  SELECT $1::uuid, $2::text, n - 1, a, b, $5, $6 FROM unnest($3::int[], $4::int[]) WITH ORDINALITY AS ranges (a, b, n)
  ON CONFLICT DO NOTHING`;

const CLAIM = `UPDATE training_parts p SET status = 'running', attempts = p.attempts + 1, worker_id = $4 FROM training_runs r
  WHERE ${PART} AND ${UNFINISHED} AND r.id = p.run_id AND ${UNFINISHED_RUN}
  RETURNING p.first_block AS "firstBlock", p.num_blocks AS "numBlocks", p.attempts`;

const FIND_NEEDS = `SELECT r.kernels, coalesce(r.worker_id = $4, false) AS "isOwn", coalesce(p.fixed_bytes, 0)::float8 AS "fixedBytes",
    coalesce(p.thread_bytes, 0)::float8 AS "threadBytes"
  FROM training_parts p JOIN training_runs r ON r.id = p.run_id WHERE ${PART} AND ${UNFINISHED} AND ${UNFINISHED_RUN}`;

const IS_WANTED = `SELECT FROM training_parts p JOIN training_runs r ON r.id = p.run_id
  WHERE ${PART} AND ${UNFINISHED} AND ${UNFINISHED_RUN}`;

const PROGRESS = `SELECT jsonb_build_object('done', count(*) FILTER (WHERE status = 'done'), 'all', count(*)) AS parts,
    coalesce(sum(num_blocks), 0)::int AS blocks,
    coalesce(sum(num_blocks) FILTER (WHERE status = 'done'), 0)::int AS "blocksDone",
    (array_agg(error ORDER BY position) FILTER (WHERE status = 'failed'))[1] AS error
  FROM training_parts WHERE run_id = $1 AND task = $2`;

const FIND_OPEN = `SELECT p.run_id AS "runId", p.task, p.position, r.request_id AS "requestId", r.trace_parent AS "traceParent"
  FROM training_parts p JOIN training_runs r ON r.id = p.run_id
  WHERE ${UNFINISHED} AND ${UNFINISHED_RUN} ORDER BY p.run_id, p.task, p.position`;

const DELETE_OVER = `DELETE FROM training_parts WHERE ctid = ANY(ARRAY(
  SELECT p.ctid FROM training_parts p JOIN training_runs r ON r.id = p.run_id
  WHERE r.status NOT IN ('queued', 'running') LIMIT $1))`;

/** Parts of runs that workers share, and what became of them: the truth, whatever is in the queue. */
export class TrainingPartsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Makes the parts of a task, or leaves them as they are where an earlier attempt made them. Those of
   * another task of the run go.
   *
   * @param ranges first block and number of blocks of each part
   * @param needs what whoever solves a part must have
   * @returns the names of artifacts that nobody needs any more; null when the attempt has lost the run
   */
  async open(
    { id, attempts }: Pick<TrainingRun, 'id' | 'attempts'>,
    task: string,
    ranges: readonly { readonly first: number; readonly count: number }[],
    { kernels, fixedBytes, threadBytes }: TaskNeeds,
  ): Promise<readonly string[] | null> {
    return this.database.sqlTransaction(async (client) => {
      const { rowCount } = await client.query(LOCK_ATTEMPT, [id, attempts, kernels]);
      if (rowCount === 0) return null;
      type Names = { readonly task: string; readonly result: string | null };
      const { rows } = await client.query<Names>(DELETE_OTHERS, [id, task]);
      const [firsts, counts] = [ranges.map(({ first }) => first), ranges.map(({ count }) => count)];
      await client.query(ADD, [id, task, firsts, counts, fixedBytes, threadBytes]);
      return [...new Set(rows.flatMap((row) => [row.task, ...(row.result === null ? [] : [row.result])]))];
    });
  }

  /** Starts an attempt. @returns null when the part is done, or the run over or told to end */
  async claim(id: TrainingPartId, workerId: string): Promise<TrainingPart | null> {
    const { rows } = await this.#query<Omit<TrainingPart, keyof TrainingPartId>>(CLAIM, [
      ...keyOf(id),
      workerId,
    ]);
    const { runId, task, position } = id;
    return rows[0] ? { runId, task, position, ...rows[0] } : null;
  }

  /** What the kernels of whoever goes on with the run have to compute; null: it is over, or has no parts. */
  async findKernels(runId: string): Promise<string | null> {
    const sql = `SELECT r.kernels FROM training_runs r WHERE id = $1 AND ${UNFINISHED_RUN}
      AND EXISTS (SELECT FROM training_parts WHERE run_id = r.id)`;
    const { rows } = await this.#query<{ kernels: string | null }>(sql, [runId]);
    return rows[0]?.kernels ?? null;
  }

  /** @returns null when the part is done, or the run over or told to end */
  async findNeeds(id: TrainingPartId, workerId: string): Promise<PartNeeds | null> {
    const { rows } = await this.#query<PartNeeds>(FIND_NEEDS, [...keyOf(id), workerId]);
    return rows[0] ?? null;
  }

  /** Whether it is still to be solved. */
  async isWanted(id: TrainingPartId): Promise<boolean> {
    const { rowCount } = await this.#query(IS_WANTED, keyOf(id));
    return rowCount === 1;
  }

  /** The first one who has the result wins; a second one has the same. */
  async complete(id: TrainingPartId, result: string): Promise<void> {
    const sql = `UPDATE training_parts p SET status = 'done', result = $4 WHERE ${PART} AND ${UNFINISHED}`;
    await this.#query(sql, [...keyOf(id), result]);
  }

  async fail(id: TrainingPartId, error: RunError): Promise<void> {
    const sql = `UPDATE training_parts p SET status = 'failed', error = $4 WHERE ${PART} AND ${UNFINISHED}`;
    await this.#query(sql, [...keyOf(id), JSON.stringify(error)]);
  }

  /** A part whose result is lost is to be solved again. */
  async reopen(id: TrainingPartId): Promise<void> {
    await this.#query(`UPDATE training_parts SET status = 'queued', result = NULL WHERE ${PART}`, keyOf(id));
  }

  async progress(runId: string, task: string): Promise<PartsProgress> {
    const { rows } = await this.#query<PartsProgress>(PROGRESS, [runId, task]);
    return rows[0]!;
  }

  /** Of the parts of a task that are done, in their order. */
  async findResults(runId: string, task: string): Promise<(TrainingPartId & { readonly result: string })[]> {
    const sql = `SELECT position, result FROM training_parts WHERE run_id = $1 AND task = $2 AND status = 'done' ORDER BY position`;
    const { rows } = await this.#query<{ position: number; result: string }>(sql, [runId, task]);
    return rows.map((row) => ({ runId, task, ...row }));
  }

  /** Of all runs that go on. */
  async findOpen(): Promise<OpenPart[]> {
    return (await this.#query<OpenPart>(FIND_OPEN, [])).rows;
  }

  /** Those of runs that are over. @returns number of rows of each statement */
  deleteOver(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OVER, []);
  }

  #query<Row extends QueryResultRow>(sql: string, values: unknown[]) {
    return this.database.run(() => this.database.pool.query<Row>(sql, values));
  }
}

function keyOf({ runId, task, position }: TrainingPartId): unknown[] {
  return [runId, task, position];
}
