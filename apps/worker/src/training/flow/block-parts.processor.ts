import { Processor } from '@nestjs/bullmq';
import { isTransient } from '#domain';
import { BLOCK_QUEUE, QueueConnection, type BlockJob } from '#queue';
import { InterruptibleProcessor } from '../../processing/interruptible-processor.js';
import { WORKER_OPTIONS } from '../../processing/worker-options.js';
import { BlockPartsService } from './block-parts.service.js';
import { PartWatchdog } from './part-watchdog.js';

/** Takes parts of runs, one at a time. */
@Processor(BLOCK_QUEUE, WORKER_OPTIONS)
export class BlockPartsProcessor extends InterruptibleProcessor<BlockJob> {
  constructor(
    private readonly parts: BlockPartsService,
    private readonly watchdog: PartWatchdog,
    connection: QueueConnection,
  ) {
    super(connection, { event: 'blocks', span: 'training blocks', work: 'part' });
  }

  protected namesOf({ runId, task, position }: BlockJob) {
    return { runId, task, position };
  }

  protected attributesOf({ runId, position }: BlockJob) {
    return { 'sparserec.training_run.id': runId, 'sparserec.part': position };
  }

  protected work({ runId, task, position }: BlockJob, interrupted: AbortSignal): Promise<void> {
    const part = { runId, task, position };
    return this.watchdog.watch(part, () => this.parts.solve(part, interrupted));
  }

  /** An outage ends no run: a part that is still to be solved is enqueued again by the reconciler. */
  protected async fail({ runId, task, position }: BlockJob, error: unknown): Promise<void> {
    if (!isTransient(error)) await this.parts.fail({ runId, task, position }, error);
  }
}
