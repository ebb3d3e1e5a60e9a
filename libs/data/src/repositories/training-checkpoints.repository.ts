import type { Database } from '../connection/database.js';
import { chunksOf } from '../streams/chunks.js';

/** A larger state is not kept: its run starts anew. */
const MAX_CHECKPOINT_BYTES = 1024 * 1024 * 1024;

/** Where unfinished runs can go on: one checkpoint a run, which goes when the run ends. */
export class TrainingCheckpointsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Replaces the run's checkpoint, unless the run is finished. The row lock is that of every change of a run,
   * so that none is left behind by a save that came late.
   *
   * @returns whether it is kept
   */
  async save(runId: string, bytes: Uint8Array): Promise<boolean> {
    if (bytes.length > MAX_CHECKPOINT_BYTES) return false;
    return this.database.transaction(async (transaction) => {
      const rows = await transaction.$queryRaw<unknown[]>`
        SELECT 1 FROM training_runs WHERE id = ${runId}::uuid AND status IN ('queued', 'running') FOR UPDATE`;
      if (rows.length === 0) return false;
      await transaction.trainingCheckpoint.deleteMany({ where: { runId } });
      for (const chunk of chunksOf(bytes))
        await transaction.trainingCheckpoint.create({ data: { runId, ...chunk } });
      return true;
    });
  }

  /** What was saved last; null when nothing was. */
  async load(runId: string): Promise<Uint8Array | null> {
    const pieces = await this.database.run((prisma) =>
      prisma.trainingCheckpoint.findMany({ where: { runId }, orderBy: { position: 'asc' } }),
    );
    return pieces.length === 0 ? null : new Uint8Array(Buffer.concat(pieces.map(({ bytes }) => bytes)));
  }
}
