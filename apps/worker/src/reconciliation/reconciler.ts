import { ENVIRONMENT, type Environment } from '@app/config';
import { ChangeFeed, type CatalogChange } from '@app/data';
import { isTransient } from '@app/domain';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ScheduleMirror } from '../scheduling/schedule-mirror.js';
import { RunRefill } from './run-refill.js';

/** Brings the queue into line with Postgres, at intervals and when schedules change. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Reconciler.name);
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;
  private isRequestedAgain = false;
  private isPostponed = false;
  private unsubscribe = (): void => undefined;

  constructor(
    private readonly refill: RunRefill,
    private readonly mirror: ScheduleMirror,
    private readonly changes: ChangeFeed,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.changes.subscribe({
      onChange: (change: CatalogChange) => {
        if (change.kind === 'schedules-changed') this.request();
      },
      onResync: () => this.request(),
    });
    this.timer = setInterval(() => this.request(), this.environment.RECONCILE_SECONDS * 1_000);
    this.request();
    await this.changes.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.unsubscribe();
    this.isRequestedAgain = false;
    await this.round;
  }

  /** Starts a round, or another one right after the present one. */
  request(): void {
    if (this.round !== null) {
      this.isRequestedAgain = true;
      return;
    }
    this.round = this.reconcile().finally(() => {
      this.round = null;
      if (!this.isRequestedAgain) return;
      this.isRequestedAgain = false;
      this.request();
    });
  }

  /** The next round is the retry, so an outage is one line in the log. */
  private async reconcile(): Promise<void> {
    try {
      await this.refill.refill();
      await this.mirror.mirror();
      this.isPostponed = false;
    } catch (error) {
      if (!isTransient(error)) this.logger.error({ event: 'reconciliation.failed', error });
      else if (!this.isPostponed) this.logger.warn({ event: 'reconciliation.postponed', error });
      this.isPostponed = true;
    }
  }
}
