import { ENVIRONMENT, type Environment } from '#config';
import { ChangeFeed, type CatalogChange } from '#data';
import { Rounds } from '#queue';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ScheduleMirror } from '../scheduling/schedule-mirror.js';
import { ScheduleTicksService } from '../scheduling/schedule-ticks.service.js';
import { RunRefill } from './run-refill.js';

/** Brings the queue into line with Postgres, at intervals and when schedules change. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds = new Rounds('reconciliation', () => this.reconcile(), new Logger(Reconciler.name));
  private unsubscribe = (): void => undefined;

  constructor(
    private readonly refill: RunRefill,
    private readonly mirror: ScheduleMirror,
    private readonly ticks: ScheduleTicksService,
    private readonly changes: ChangeFeed,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.changes.subscribe({
      onChange: (change: CatalogChange) => {
        if (change.kind === 'schedules-changed') this.rounds.request();
      },
      onResync: () => this.rounds.request(),
    });
    this.rounds.start(this.environment.RECONCILE_SECONDS * 1_000);
    this.rounds.request();
    await this.changes.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await this.rounds.stop();
  }

  private async reconcile(): Promise<void> {
    await this.ticks.takeAllDue();
    await this.refill.refill();
    await this.mirror.mirror();
  }
}
