import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { RowsAheadRepository, tookTooLong } from '#data';
import { RoundRunner } from './round-runner.js';

/**
 * Names, once after the start, catalogs with interactions that are dated ahead of the clock. No
 * door takes such rows.
 */
@Injectable()
export class RowsAheadCheck extends RoundRunner {
  constructor(
    private readonly rowsAhead: RowsAheadRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {
    super('rows-ahead', environment.RECONCILE_SECONDS);
  }

  /** The first round that is not prevented by an outage is the last. */
  protected async work(): Promise<void> {
    try {
      const found = await this.rowsAhead.find(this.environment.CLOCK_TOLERANCE_SECONDS);
      for (const { catalogId, rows, statement } of found)
        this.logger.warn({ event: 'interactions.ahead-of-clock', catalogId, rows, statement });
    } catch (error) {
      if (!tookTooLong(error)) throw error;
      this.logger.warn({ event: 'interactions.clock-not-checked', error });
    }
    void this.rounds.stop();
  }
}
