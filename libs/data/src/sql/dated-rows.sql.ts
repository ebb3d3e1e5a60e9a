/** What undated rows are: each an event of its own, or members of a set. */
export type Undated = 'events' | 'set';

/** Numbers the events of a user, item and type as they came. A sort that PostgreSQL spills to disk. */
const RANK = `row_number() OVER (PARTITION BY user_id, item_id, type, occurred_at IS NULL ORDER BY position)`;

/**
 * Staged rows by the time that they are stored with: an undated event n − 1 milliseconds after $2, all of
 * a set at $2.
 */
export const DATED_ROWS: Readonly<Record<Undated, string>> = {
  events: datedRows(`$2::timestamptz + (${RANK} - 1) * interval '1 millisecond'`),
  set: datedRows('$2::timestamptz'),
};

function datedRows(time: string): string {
  return `dated AS (SELECT position, user_id, item_id, type, weight, recommended_by, issued_at, answer,
      coalesce(occurred_at, ${time}) AS occurred_at FROM staged_interactions)`;
}
