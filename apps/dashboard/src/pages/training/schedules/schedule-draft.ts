import type { Schedule, ScheduleFields } from '@sparserec/client';

/** What the form of a schedule has beside the kind of model and its parameters. */
export interface Draft {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly missed: NonNullable<ScheduleFields['missed']>;
  /** Share of the active model's figure in percent; empty: any. */
  readonly leastPercent: string;
  readonly mustBeBest: boolean;
}

const METRIC = 'ndcg@20';

export function draftOf(schedule: Schedule | null): Draft {
  const gate = schedule?.gate;
  const { minRatioToActive: ratio, mustBeBestOf } = gate ?? {};
  return {
    name: schedule?.name ?? '',
    cron: schedule?.cron ?? '0 3 * * *',
    timeZone: schedule?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    enabled: schedule?.enabled ?? true,
    missed: schedule?.missed ?? 'run-once',
    leastPercent: ratio === undefined ? '' : String(Math.round(ratio * 1_000) / 10),
    mustBeBest: mustBeBestOf !== undefined,
  };
}

/** @param metric that the gate of the schedule has looked at until now */
export function gateOf({ leastPercent, mustBeBest }: Draft, metric = METRIC): ScheduleFields['gate'] | null {
  const percent = leastPercent.trim();
  if (percent === '' && !mustBeBest) return null;
  return {
    metric,
    ...(percent !== '' && { minRatioToActive: Number(percent) / 100 }),
    ...(mustBeBest && { mustBeBestOf: 'leaderboard' as const }),
  };
}
