import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import type { PartNeeds } from '#data';
import { loadKernels, probeKernels } from '#models';

const MEBIBYTE = 1024 * 1024;

/** What this worker can do for the runs of others: how its kernels round, and its memory. */
@Injectable()
export class OwnMeans {
  /** Blocks of a run are solved by workers alone that have the same. */
  readonly probe: string;

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {
    const kernels = loadKernels();
    this.probe = probeKernels(kernels);
    new Logger(OwnMeans.name).log({ event: 'worker.kernels', kernel: kernels.name, probe: this.probe });
  }

  /** Compute threads that a part has room for within the budget: all, fewer, or 0. */
  threadsFor({ fixedBytes, threadBytes }: Pick<PartNeeds, 'fixedBytes' | 'threadBytes'>): number {
    const { TRAINING_MEMORY_MB, TRAINING_THREADS } = this.environment;
    const room = TRAINING_MEMORY_MB * MEBIBYTE - fixedBytes;
    return Math.max(0, Math.min(TRAINING_THREADS, Math.floor(room / Math.max(1, threadBytes))));
  }
}
