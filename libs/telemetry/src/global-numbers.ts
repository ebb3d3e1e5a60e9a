import type { TrainingRunStatus } from '#domain';
import { withTimeLimit, type QueueDepth, type QueueName } from '#queue';

export interface GlobalSources {
  queues(): Promise<ReadonlyMap<QueueName, QueueDepth>>;
  runs(): Promise<ReadonlyMap<TrainingRunStatus, number>>;
}

/** What is the same in every process; null: the store did not answer in time. */
export interface GlobalState {
  readonly queues: ReadonlyMap<QueueName, QueueDepth> | null;
  readonly runs: ReadonlyMap<TrainingRunStatus, number> | null;
}

/** Whoever asks within this time gets the answer that is there. */
const LIFE_MS = 1_000;
/** So that an answer for Prometheus does not wait for a store that is away. */
const LIMIT_MS = 1_000;

/** Numbers of the whole service, read from its stores once a second at most, however many ask for them. */
export class GlobalNumbers {
  #state: Promise<GlobalState> | null = null;
  #readAt = 0;

  constructor(
    private readonly sources: GlobalSources,
    private readonly limitMs = LIMIT_MS,
  ) {}

  /** @param now by `performance.now` */
  read(now = performance.now()): Promise<GlobalState> {
    if (this.#state !== null && now - this.#readAt < LIFE_MS) return this.#state;
    this.#readAt = now;
    return (this.#state = this.#readAnew());
  }

  async #readAnew(): Promise<GlobalState> {
    const [queues, runs] = await Promise.all([
      this.#inTime(() => this.sources.queues()),
      this.#inTime(() => this.sources.runs()),
    ]);
    return { queues, runs };
  }

  async #inTime<Result>(read: () => Promise<Result>): Promise<Result | null> {
    return withTimeLimit(read(), this.limitMs).catch(() => null);
  }
}
