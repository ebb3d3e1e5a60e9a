import type { RefusedRows } from '#domain';
import type { DatasetSummary } from './dataset-summary.js';
import { NAMED_LINES } from './left-out.js';

/**
 * The summary with rows that are left out since the catalog refuses them. The counts have them all the same.
 * Rows of several files have no lines.
 */
export function withRefused(summary: DatasetSummary, { count, rows }: RefusedRows): DatasetSummary {
  const [first] = rows;
  if (!first) return summary;
  const isOfOne = summary.files.filter(({ role }) => role === 'interactions').length === 1;
  const firstLines = isOfOne ? rows.slice(0, NAMED_LINES).map(({ row }) => row) : [];
  return { ...summary, leftOut: [...summary.leftOut, { reason: first.reason, rows: count, firstLines }] };
}
