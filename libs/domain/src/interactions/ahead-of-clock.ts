/**
 * Why an interaction's time is refused: it lies more than `toleranceSeconds` ahead of the server's
 * clock, as a rule because a local time was sent as UTC. Such a row would outweigh everything that its
 * user does until then.
 *
 * @returns null for a time that is accepted
 */
export function aheadOfClock(occurredAt: Date, toleranceSeconds: number, now = new Date()): string | null {
  const seconds = (occurredAt.getTime() - now.getTime()) / 1_000;
  if (!(seconds > toleranceSeconds)) return null;
  return `is ${Math.ceil(seconds)} s ahead of the server's clock, and ${toleranceSeconds} s are allowed (CLOCK_TOLERANCE_SECONDS); is its time zone right?`;
}
