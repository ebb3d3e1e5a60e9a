import { Injectable, Logger } from '@nestjs/common';
import { TrainingPartsRepository } from '#data';
import { BlockQueue } from '#queue';

/** Puts parts of runs back that are in no queue: it was flushed, or enqueuing failed. */
@Injectable()
export class BlockRefill {
  readonly #logger = new Logger(BlockRefill.name);

  constructor(
    private readonly parts: TrainingPartsRepository,
    private readonly queue: BlockQueue,
  ) {}

  /** There are thousands, so that they are not looked for one by one: those in the queue stay as they are. */
  async refill(): Promise<void> {
    const open = await this.parts.findOpen();
    const missing = open.length === 0 ? 0 : open.length - (await this.queue.count());
    if (missing <= 0) return;
    await this.queue.enqueueAll(open);
    this.#logger.warn({ event: 'blocks.requeued', parts: missing });
  }
}
