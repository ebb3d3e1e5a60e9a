import { ENVIRONMENT, type Environment } from '#config';
import { RowsAheadRepository, tookTooLong } from '#data';
import { Rounds } from '#queue';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';

/** Names, once after the start, catalogs with interactions that are dated ahead of the clock. No door takes such rows. */
@Injectable()
export class RowsAheadCheck implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(RowsAheadCheck.name);
  readonly #rounds = new Rounds('rows-ahead', () => this.#check(), this.#logger);

  constructor(
    private readonly rowsAhead: RowsAheadRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    this.#rounds.start(this.environment.RECONCILE_SECONDS * 1_000);
    this.#rounds.request();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#rounds.stop();
  }

  /** The first round that is not prevented by an outage is the last. */
  async #check(): Promise<void> {
    try {
      const found = await this.rowsAhead.find(this.environment.CLOCK_TOLERANCE_SECONDS);
      for (const { catalogId, rows, statement } of found)
        this.#logger.warn({ event: 'interactions.ahead-of-clock', catalogId, rows, statement });
    } catch (error) {
      if (!tookTooLong(error)) throw error;
      this.#logger.warn({ event: 'interactions.clock-not-checked', error });
    }
    void this.#rounds.stop();
  }
}
