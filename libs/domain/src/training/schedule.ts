import type { ModelParameters } from './model-parameters.js';

/** Activate a scheduled model only when it is at least this good; every condition that is given must hold. */
export interface ScheduleGate {
  /** e.g. `ndcg@20`. */
  readonly metric: string;
  /** The new model's mean must reach this share of the active model's. */
  readonly minRatioToActive?: number | undefined;
  /**
   * No other kind of the run's leaderboard may be better beyond doubt: its paired interval may
   * not lie above 0.
   */
  readonly mustBeBestOf?: 'leaderboard' | undefined;
}

/** A tick that is taken this long after it was due is late: no worker ran. */
const LATE_TICK_MS = 60_000;

/** What becomes of a late tick; of several that were missed only the newest counts. */
export const MISSED_TICKS = ['run-once', 'skip'] as const;
export type MissedTicks = (typeof MISSED_TICKS)[number];

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
  readonly missed: MissedTicks;
  /**
   * The tick that comes next, or that is due and not taken yet; null: none is to come, or it was
   * not worked out yet.
   */
  readonly nextTickAt: Date | null;
  /** Outcome of the last tick, in words. */
  readonly lastOutcome: string | null;
  /** When the last tick was taken. */
  readonly lastTickAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** True for a tick that nobody took when it was due. */
export function isLate(dueAt: Date, takenAt: Date): boolean {
  return takenAt.getTime() - dueAt.getTime() > LATE_TICK_MS;
}
