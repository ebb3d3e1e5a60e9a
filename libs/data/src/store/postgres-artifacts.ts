import { createHash } from 'node:crypto';
import type { QueryResultRow } from 'pg';
import { validate as isUuid } from 'uuid';
import type { Database } from '../connection/database.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';
import { chunksOf } from '../streams/chunks.js';
import { loadBytes } from '../streams/load-bytes.js';
import { ArtifactStore } from './artifact-store.js';

const SHA_256 = /^[0-9a-f]{64}$/;
/** Pieces that one statement deletes. */
const BATCH_CHUNKS = 16;

const OF = 'training_artifacts WHERE run_id = $1 AND name = $2';

const SIZE = `SELECT coalesce(sum(octet_length(bytes)), 0) AS size FROM ${OF}`;

/** The lock is one that every change of a run waits for, so that nothing comes after its end. */
const ADD = `INSERT INTO training_artifacts (run_id, name, position, bytes)
  SELECT id, $2::text, $3::int, $4::bytea FROM training_runs WHERE id = $1 AND status IN ('queued', 'running') FOR SHARE
  ON CONFLICT (run_id, name, position) DO UPDATE SET bytes = excluded.bytes`;

const DELETE_OVER = `DELETE FROM training_artifacts WHERE ctid = ANY(ARRAY(
  SELECT a.ctid FROM training_artifacts a JOIN training_runs r ON r.id = a.run_id
  WHERE r.status NOT IN ('queued', 'running') LIMIT $1))`;

/** Artifacts in PostgreSQL, in chunks as those of models. */
export class PostgresArtifacts extends ArtifactStore {
  constructor(private readonly database: Database) {
    super();
  }

  async put(runId: string, name: string, bytes: Uint8Array): Promise<boolean> {
    if ((await this.#size(runId, name)) === bytes.length) return true;
    for (const { position, bytes: chunk } of chunksOf(bytes)) {
      const { rowCount } = await this.#query(ADD, [runId, name, position, chunk]);
      if (rowCount === 0) return false;
    }
    return true;
  }

  async load(runId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    if (!isUuid(runId) || !SHA_256.test(name)) return null;
    const bytes = new Uint8Array(await this.#size(runId, name));
    const hash = createHash('sha256');
    for (let [position, offset] = [0, 0]; offset < bytes.length; position++) {
      const chunk = await loadBytes(
        this.database,
        `SELECT bytes FROM training_artifacts WHERE run_id = '${runId}' AND name = '${name}' AND position = ${position}`,
      );
      if (!chunk || chunk.length === 0 || chunk.length > bytes.length - offset) return null;
      hash.update(chunk);
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return hash.digest('hex') === name ? bytes : null;
  }

  async remove(runId: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.#query('DELETE FROM training_artifacts WHERE run_id = $1 AND name = ANY($2)', [runId, names]);
  }

  collect(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OVER, [], BATCH_CHUNKS);
  }

  async #size(runId: string, name: string): Promise<number> {
    const { rows } = await this.#query<{ size: string }>(SIZE, [runId, name]);
    return Number(rows[0]!.size);
  }

  #query<Row extends QueryResultRow>(sql: string, values: unknown[]) {
    return this.database.run(() => this.database.pool.query<Row>(sql, values));
  }
}
