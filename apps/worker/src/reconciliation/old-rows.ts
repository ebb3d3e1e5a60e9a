import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import {
  ArtifactStore,
  AttributionsRepository,
  AuditLogRepository,
  IdempotencyKeysRepository,
  ListJobsRepository,
  TrainingPartsRepository,
  UserMergesRepository,
} from '#data';
import { RoundRunner } from './round-runner.js';

/** Deletes rows that are kept for a time only, or for a run only. Workers may do so at once. */
@Injectable()
export class OldRows extends RoundRunner {
  #isEnding = false;

  constructor(
    private readonly attributions: AttributionsRepository,
    private readonly keys: IdempotencyKeysRepository,
    private readonly audit: AuditLogRepository,
    private readonly merges: UserMergesRepository,
    private readonly listJobs: ListJobsRepository,
    private readonly parts: TrainingPartsRepository,
    private readonly artifacts: ArtifactStore,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {
    super('old-rows', environment.RECONCILE_SECONDS);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.#isEnding = true;
    await super.beforeApplicationShutdown();
  }

  protected async work(): Promise<void> {
    const repositories = [this.attributions, this.keys, this.audit, this.merges];
    const deletions = [
      ...repositories.map((repository) => repository.deleteOld()),
      this.listJobs.deleteOld(this.environment.LIST_JOB_HOURS),
      this.parts.deleteOver(),
      this.artifacts.collect(),
    ];
    for (const deletion of deletions) for await (const _rows of deletion) if (this.#isEnding) return;
  }
}
