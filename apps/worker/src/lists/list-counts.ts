import { Injectable } from '@nestjs/common';

/** What became of an attempt at a list job: `gone` found it deleted, or taken over by another attempt. */
export type ListJobEnd = (typeof LIST_JOB_ENDS)[number];

const LIST_JOB_ENDS = ['succeeded', 'failed', 'gone', 'interrupted'] as const;

/** List jobs of this process since its start. All ends begin at 0, so that Prometheus sees the first one. */
@Injectable()
export class ListCounts {
  readonly #ends = new Map<ListJobEnd, number>(LIST_JOB_ENDS.map((end) => [end, 0]));
  #lists = 0;
  #busyMs = 0;

  noteEnd(end: ListJobEnd): void {
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
  }

  noteLists(lists: number, ms: number): void {
    this.#lists += lists;
    this.#busyMs += ms;
  }

  get ends(): ReadonlyMap<ListJobEnd, number> {
    return this.#ends;
  }

  /** Lists that were stored. */
  get lists(): number {
    return this.#lists;
  }

  /** Time in which they were read, made and stored. */
  get busyMs(): number {
    return this.#busyMs;
  }
}
