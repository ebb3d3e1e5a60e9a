/** One tick of a schedule. */
export interface ScheduleTickJob {
  readonly catalogId: string;
  readonly scheduleName: string;
}
export const SCHEDULE_TICK_JOB = 'tick';

/** Id of the BullMQ job scheduler that mirrors a stored schedule. */
export function jobSchedulerId(catalogId: string, scheduleName: string): string {
  return `${catalogId}/${scheduleName}`;
}
