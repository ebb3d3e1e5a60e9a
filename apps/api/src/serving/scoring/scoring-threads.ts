import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Piscina } from 'piscina';
import { ENVIRONMENT, type Environment } from '#config';
import { DomainError, Sequence, type ThreadOutcome, unwrap } from '#domain';
import type { SentModel, Recommender } from '#models';
import {
  MOST_ON_LOOP_MS,
  type ActiveModel,
  type KernelNeed,
  type LongCalls,
  type ModelCalls,
} from '#ranking';
import { WaitingLine } from '../../common/concurrency/waiting-line.js';
import { serviceStopping } from '../threads/service-stopping.js';
import { threadScript } from '../threads/thread-script.js';
import type { ScoringTask } from './scoring-task.js';

/** A thread that has been idle this long ends, and with it whatever it has not let go of yet. */
const IDLE_TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 1;
/** No call takes as long; a thread that does is ended. */
const CALL_LIMIT_MS = 60_000;
const SCRIPT = threadScript('scoring/scoring-thread.js');

/**
 * Who answers the calls of a request: the event loop where they take little time, otherwise a thread, to
 * which the model is lent without a copy. A request that needs a thread has one to itself until it is done;
 * as many as `HEAVY_QUEUE` wait for one.
 */
@Injectable()
export class ScoringThreads implements LongCalls, OnModuleDestroy, OnApplicationShutdown {
  readonly #logger = new Logger(ScoringThreads.name);
  readonly #line: WaitingLine;
  readonly #pool: Piscina<ScoringTask, ThreadOutcome<unknown>>;
  /** Calls that are not answered yet. */
  readonly #pending = new Set<AbortController>();
  /** One call in each round of the event loop, however many are due. */
  readonly #turns = new Sequence();
  #isEnding = false;

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {
    const { HEAVY_THREADS, HEAVY_QUEUE } = environment;
    this.#line = new WaitingLine({
      width: HEAVY_THREADS,
      room: HEAVY_QUEUE,
      code: 'too-busy',
      detail: 'Too many requests that take long wait for their turn',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
    this.#pool = new Piscina({
      filename: SCRIPT.href,
      minThreads: 0,
      maxThreads: Math.max(1, HEAVY_THREADS),
      idleTimeout: IDLE_TIMEOUT_MS,
    });
    // A thread that ends while it is idle is nobody's error; the next call starts another one.
    this.#pool.on('error', (error: Error) => this.#logThread(error));
    this.#pool.on('workerDestroy', () => void this.#abandonCalls());
  }

  /** Threads that there are now. */
  get threads(): Piscina['threads'] {
    return this.#pool.threads;
  }

  get numWaiting(): number {
    return this.#line.numWaiting;
  }

  /**
   * Makes a list with calls of a model that take longer than `AT_ONCE_MS`.
   *
   * @throws DomainError `too-busy` when it needs a thread and too many wait already
   */
  async use<Result>(
    active: ActiveModel,
    { ms, longestHistory }: KernelNeed,
    work: (calls: ModelCalls) => Promise<Result>,
  ): Promise<Result> {
    const { recommender } = active.served;
    const isHeavy = ms > MOST_ON_LOOP_MS && this.environment.HEAVY_THREADS > 0;
    if (!isHeavy || !canLend(recommender))
      return work(active.calls.after(() => this.#turns.run(() => setImmediate())));
    return this.#line.run(async () => {
      const lending = recommender.lend(longestHistory);
      try {
        return await work(this.#callsInThread(lending.lent, active.closeness.values));
      } finally {
        lending.end();
      }
    }, ms);
  }

  /** Requests that wait are told so while they can be. */
  onModuleDestroy(): void {
    this.#isEnding = true;
    this.#line.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.destroy();
  }

  #callsInThread(model: SentModel, closeness: Float32Array): ModelCalls {
    const send = async <Result>(name: ScoringTask['name'], ...args: readonly unknown[]): Promise<Result> =>
      unwrap(await this.#run({ model, closeness, name, args })) as Result;
    return {
      recommend: (...args) => send('recommend', ...args),
      scoreUser: (...args) => send('scoreUser', ...args),
      similarItems: (...args) => send('similarItems', ...args),
      explain: (...args) => send('explain', ...args),
      explainMixture: (...args) => send('explainMixture', ...args),
      relateMixture: (...args) => send('relateMixture', ...args),
      chooseDiverse: (...args) => send('chooseDiverse', ...args),
    };
  }

  /** Calls change nothing, so one whose thread has ended is made again, once. */
  async #run(task: ScoringTask, isRepeated = false): Promise<ThreadOutcome<unknown>> {
    const lost = new AbortController();
    this.#pending.add(lost);
    try {
      const signal = AbortSignal.any([lost.signal, AbortSignal.timeout(CALL_LIMIT_MS)]);
      return await this.#pool.run(task, { signal });
    } catch (error) {
      if (this.#isEnding) throw serviceStopping(error);
      this.#logThread(error);
      if (!isRepeated) return await this.#run(task, true);
      throw new DomainError('internal-error', 'The thread that made this list has ended, twice', {
        cause: error,
      });
    } finally {
      this.#pending.delete(lost);
    }
  }

  /**
   * The pool starts threads when calls come, not when they wait: after the last thread has ended they
   * have to come again.
   */
  async #abandonCalls(): Promise<void> {
    await setImmediate();
    if (this.#pool.threads.length > 0) return;
    for (const call of this.#pending) call.abort();
  }

  #logThread(error: unknown): void {
    this.#logger.error({ event: 'scoring-thread.ended', error: String(error) });
  }
}

function canLend(recommender: Recommender): recommender is Required<Pick<Recommender, 'lend'>> & Recommender {
  return recommender.lend !== undefined;
}
