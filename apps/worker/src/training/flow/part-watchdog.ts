import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import type { TrainingPartId } from '#data';

/**
 * Ends this process when it has a part for longer than any takes: something in it hangs, and it would take
 * one job after the other and finish none. What it has is taken over as of a process that was killed.
 */
@Injectable()
export class PartWatchdog {
  readonly #logger = new Logger(PartWatchdog.name);

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {}

  async watch(part: TrainingPartId, work: () => Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.#end(part), this.environment.TRAINING_PART_SECONDS * 1_000);
    try {
      await work();
    } finally {
      clearTimeout(timer);
    }
  }

  #end({ runId, task, position }: TrainingPartId): never {
    const { TRAINING_PART_SECONDS: seconds } = this.environment;
    this.#logger.fatal({ event: 'worker.stalled', runId, task, position, seconds });
    process.exit(1);
  }
}
