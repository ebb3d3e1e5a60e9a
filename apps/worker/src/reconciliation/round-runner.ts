import { Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Rounds } from '#queue';

/** Does its work once after the start of the process and then at every interval, until the process ends. */
export abstract class RoundRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly logger: Logger;
  protected readonly rounds: Rounds;
  readonly #intervalMs: number;

  /** @param name first part of the events of rounds that fail */
  protected constructor(name: string, intervalSeconds: number) {
    this.logger = new Logger(new.target.name);
    this.rounds = new Rounds(name, () => this.work(), this.logger);
    this.#intervalMs = intervalSeconds * 1_000;
  }

  onApplicationBootstrap(): Promise<void> | void {
    this.rounds.start(this.#intervalMs);
    this.rounds.request();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.rounds.stop();
  }

  protected abstract work(): Promise<void>;
}
