import { ENVIRONMENT, type Environment } from '#config';
import { AttributionsRepository, IdempotencyKeysRepository } from '#data';
import { Rounds } from '#queue';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';

/** Deletes rows that are kept for a time only. Workers may do so at once. */
@Injectable()
export class OldRows implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rounds = new Rounds('old-rows', () => this.#delete(), new Logger(OldRows.name));
  #isEnding = false;

  constructor(
    private readonly attributions: AttributionsRepository,
    private readonly keys: IdempotencyKeysRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    this.#rounds.start(this.environment.RECONCILE_SECONDS * 1_000);
    this.#rounds.request();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isEnding = true;
    await this.#rounds.stop();
  }

  async #delete(): Promise<void> {
    for (const batches of [this.attributions.deleteOld(), this.keys.deleteOld()])
      for await (const _rows of batches) if (this.#isEnding) return;
  }
}
