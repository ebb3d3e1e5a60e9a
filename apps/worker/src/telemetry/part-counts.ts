import { Injectable } from '@nestjs/common';

/**
 * What became of a part that this worker got: `dropped` was no longer wanted, and `refused` left to workers
 * with other kernels.
 */
export type PartEnd = (typeof PART_ENDS)[number];

const PART_ENDS = ['solved', 'failed', 'dropped', 'refused'] as const;

/** Parts of runs in this process since its start. All ends begin at 0: Prometheus sees the first one too. */
@Injectable()
export class PartCounts {
  readonly #ends = new Map<PartEnd, number>(PART_ENDS.map((end) => [end, 0]));

  noteEnd(end: PartEnd): void {
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
  }

  get ends(): ReadonlyMap<PartEnd, number> {
    return this.#ends;
  }
}
