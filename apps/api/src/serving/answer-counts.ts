import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AttributionsRepository } from '#data';
import { Sequence } from '#domain';

const FLUSH_MS = 5_000;
/** Models that are counted between two flushes; more than are served at a time. */
const MAX_MODELS = 10_000;

/**
 * Answers by model, counted in memory and added to the stored counts every few seconds and at the end. A
 * process that is killed loses what it has counted since; nothing else depends on it.
 */
@Injectable()
export class AnswerCounts implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(AnswerCounts.name);
  #counts = new Map<string, number>();
  readonly #flushes = new Sequence();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly attributions: AttributionsRepository) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** While there are connections; what is answered after that is not counted. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  add(modelId: string, count = 1): void {
    const counted = this.#counts.get(modelId);
    if (counted !== undefined || this.#counts.size < MAX_MODELS)
      this.#counts.set(modelId, (counted ?? 0) + count);
  }

  /** Writes what was counted so far; what cannot be written is kept for the next time. */
  flush(): Promise<void> {
    return this.#flushes.run(() => this.#write());
  }

  async #write(): Promise<void> {
    const counts = this.#counts;
    if (counts.size === 0) return;
    this.#counts = new Map();
    try {
      await this.attributions.addAnswers(counts);
    } catch (error) {
      this.#logger.warn({ event: 'answers.not-counted', error: String(error) });
      for (const [modelId, count] of counts) this.add(modelId, count);
    }
  }
}
