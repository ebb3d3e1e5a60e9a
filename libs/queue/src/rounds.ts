import type { LoggerService } from '@nestjs/common';
import { isTransient } from '#domain';

/** Work that is done again and again, one round at a time. The next round is the retry of one that failed. */
export class Rounds {
  #timer: NodeJS.Timeout | undefined;
  #present: Promise<void> | null = null;
  #isRequested = false;
  #isPostponed = false;
  #isStopped = false;

  /**
   * @param name first part of the events `.failed`, and `.postponed` for an outage, which is one
   * line in the log
   */
  constructor(
    private readonly name: string,
    private readonly work: () => Promise<void>,
    private readonly logger: Pick<LoggerService, 'warn' | 'error'>,
  ) {}

  /** Begins a round at every interval at which none is going on. */
  start(intervalMs: number): void {
    this.#timer = setInterval(() => {
      if (!this.#present) this.request();
    }, intervalMs).unref();
  }

  /** Begins a round, or another one right after the present one. */
  request(): void {
    this.#isRequested = true;
    if (!this.#isStopped) this.#present ??= this.#repeat();
  }

  /** Resolves after the present round, which is the last. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await this.#present;
  }

  async #repeat(): Promise<void> {
    while (this.#isRequested && !this.#isStopped) {
      this.#isRequested = false;
      await this.#workOnce();
    }
    this.#present = null;
  }

  async #workOnce(): Promise<void> {
    try {
      await this.work();
      this.#isPostponed = false;
    } catch (error) {
      const isOutage = isTransient(error);
      if (!isOutage) this.logger.error({ event: `${this.name}.failed`, error });
      else if (!this.#isPostponed) this.logger.warn({ event: `${this.name}.postponed`, error });
      this.#isPostponed = isOutage;
    }
  }
}
