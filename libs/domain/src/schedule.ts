import type { ModelParameters } from './training-run.js';

/** Activate a scheduled model only when it is at least this good; every condition that is given must hold. */
export interface ScheduleGate {
  /** e.g. `ndcg@20`. */
  readonly metric: string;
  /** The new model's mean must reach this share of the active model's. */
  readonly minRatioToActive?: number | undefined;
  /** No other kind of the run's leaderboard may be better beyond doubt: its paired interval may not lie above 0. */
  readonly mustBeBestOf?: 'leaderboard' | undefined;
}

/** Scheduled retraining of one catalog. */
export interface Schedule {
  readonly catalogId: string;
  readonly name: string;
  readonly cron: string;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly gate: ScheduleGate | null;
  readonly enabled: boolean;
  /** Outcome of the last tick, in words. */
  readonly lastOutcome: string | null;
  readonly lastTickAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
