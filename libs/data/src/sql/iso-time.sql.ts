/** ISO 8601 in UTC, with microseconds only where there are any. */
export const isoTime = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.' ||
    CASE WHEN date_trunc('milliseconds', ${column}) = ${column} THEN 'MS' ELSE 'US' END || '"Z"')`;
