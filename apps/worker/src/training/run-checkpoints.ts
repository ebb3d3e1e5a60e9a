import { Injectable, Logger } from '@nestjs/common';
import { TrainingCheckpointsRepository } from '#data';
import type { TrainingRun } from '#domain';

/** Where the runs of this worker can go on if it is lost. */
@Injectable()
export class RunCheckpoints {
  readonly #logger = new Logger(RunCheckpoints.name);

  constructor(private readonly checkpoints: TrainingCheckpointsRepository) {}

  /** Where an earlier attempt got to; null: nowhere, or there was none. */
  async load({ id: runId, attempts }: TrainingRun): Promise<Uint8Array | null> {
    const bytes = attempts > 1 ? await this.checkpoints.load(runId) : null;
    if (bytes)
      this.#logger.log({ event: 'training.resumed', runId, attempts, checkpointBytes: bytes.length });
    return bytes;
  }

  /** Never rejects: a run goes on without the checkpoint that could not be kept. */
  async keep({ id: runId }: TrainingRun, bytes: Uint8Array): Promise<void> {
    try {
      const isKept = await this.checkpoints.save(runId, bytes);
      const event = isKept ? 'training.checkpoint-stored' : 'training.checkpoint-dropped';
      this.#logger.debug({ event, runId, checkpointBytes: bytes.length });
    } catch (error) {
      this.#logger.warn({ event: 'training.checkpoint-failed', runId, error });
    }
  }
}
