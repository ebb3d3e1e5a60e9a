import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ChangeFeed, type Change } from '#data';
import { ScheduleMirror } from '../scheduling/schedule-mirror.js';
import { ScheduleTicksService } from '../scheduling/schedule-ticks.service.js';
import { BlockRefill } from './block-refill.js';
import { ListJobRefill } from './list-job-refill.js';
import { RoundRunner } from './round-runner.js';
import { RunRefill } from './run-refill.js';

/** Brings the queue into line with Postgres, at intervals and when schedules change. */
@Injectable()
export class Reconciler extends RoundRunner {
  #unsubscribe = (): void => undefined;

  constructor(
    private readonly refill: RunRefill,
    private readonly listJobs: ListJobRefill,
    private readonly blocks: BlockRefill,
    private readonly mirror: ScheduleMirror,
    private readonly ticks: ScheduleTicksService,
    private readonly changes: ChangeFeed,
    @Inject(ENVIRONMENT) environment: Environment,
  ) {
    super('reconciliation', environment.RECONCILE_SECONDS);
  }

  override async onApplicationBootstrap(): Promise<void> {
    this.#unsubscribe = this.changes.subscribe({
      onChange: (change: Change) => {
        if (change.kind === 'schedules-changed') this.rounds.request();
      },
      onResync: () => this.rounds.request(),
    });
    await super.onApplicationBootstrap();
    await this.changes.start();
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.#unsubscribe();
    await super.beforeApplicationShutdown();
  }

  protected async work(): Promise<void> {
    await this.ticks.takeAllDue();
    await this.refill.refill();
    await this.listJobs.refill();
    await this.blocks.refill();
    await this.mirror.mirror();
  }
}
