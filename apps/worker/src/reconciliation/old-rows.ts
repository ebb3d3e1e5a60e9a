import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import {
  AttributionsRepository,
  AuditLogRepository,
  IdempotencyKeysRepository,
  UserMergesRepository,
} from '#data';
import { RoundRunner } from './round-runner.js';

/** Deletes rows that are kept for a time only. Workers may do so at once. */
@Injectable()
export class OldRows extends RoundRunner {
  #isEnding = false;

  constructor(
    private readonly attributions: AttributionsRepository,
    private readonly keys: IdempotencyKeysRepository,
    private readonly audit: AuditLogRepository,
    private readonly merges: UserMergesRepository,
    @Inject(ENVIRONMENT) environment: Environment,
  ) {
    super('old-rows', environment.RECONCILE_SECONDS);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.#isEnding = true;
    await super.beforeApplicationShutdown();
  }

  protected async work(): Promise<void> {
    for (const repository of [this.attributions, this.keys, this.audit, this.merges])
      for await (const _rows of repository.deleteOld()) if (this.#isEnding) return;
  }
}
