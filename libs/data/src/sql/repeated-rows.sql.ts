/** Of rows of a staging table that name one id, the last one stays. By a sort, however often an id comes. */
export function dropAllButLast(table: string): string {
  return `DELETE FROM ${table} WHERE position IN (SELECT position FROM
      (SELECT position, lead(position) OVER (PARTITION BY external_id ORDER BY position) AS later FROM ${table}) r
    WHERE later IS NOT NULL)`;
}
