import type { TakenTick } from '#data';
import { isLate } from '#domain';

/** `lastOutcome` of a schedule after a tick was taken. */
export function describeTick({ started, unfinished }: TakenTick, dueAt: Date, takenAt: Date): string {
  const late = lateNote(dueAt, takenAt);
  if (started) return `started run ${started.id}${late}`;
  if (unfinished)
    return `run ${unfinished.id} of this schedule is still ${unfinished.status}; started nothing${late}`;
  return `skipped a tick${late}`;
}

/** What is said of everything that came of a late tick; empty for one that was taken in time. */
export function lateNote(dueAt: Date | null, takenAt: Date): string {
  if (dueAt === null || !isLate(dueAt, takenAt)) return '';
  return ` (late: it was due at ${dueAt.toISOString()}, and no worker ran)`;
}
