import type { MetricSummary } from '#domain';
import { alignColumns, describeParameters } from '../figures.js';
import type { Leaderboard, Row } from './leaderboard.js';

/** The leaderboard for a reader, best on the validation part first. */
export function leaderboardTable(board: Leaderboard, k: number, decidingMetric: string): string {
  const rows = board.models.filter((row): row is Row => 'metrics' in row);
  const names = [`recall@${k}`, `ndcg@${k}`];
  const head = [
    'model',
    'validation',
    ...names,
    'difference to the best',
    'coverage',
    'gini',
    'recall of the tail half',
    'fit ms',
    'MiB',
    'stored KiB',
  ];
  const figure = ({ validation }: Row) => validation[decidingMetric]?.mean ?? 0;
  const cells = [...rows]
    .sort((a, b) => figure(b) - figure(a))
    .map((row) => [
      row.model,
      figure(row).toFixed(4),
      ...names.map((name) => row.metrics[name]!.mean.toFixed(4)),
      row.model === board.best?.model ? '' : withInterval(row.differenceToBest[`ndcg@${k}`]!),
      row.coverage.toFixed(3),
      row.gini.toFixed(3),
      meanOf(row.tailRecall.slice(row.tailRecall.length / 2)).toFixed(4),
      String(row.fitMs),
      String(Math.round(row.peakRssBytes / 2 ** 20)),
      String(Math.ceil(row.artifactBytes / 2 ** 10)),
    ]);
  return [
    `${board.users} users, ${board.items} items, ${board.interactions} training interactions\n\n`,
    alignColumns([head, ...cells]),
    ...board.models.flatMap((row) =>
      'leftOut' in row ? [`${row.model} was left out: ${row.leftOut}\n`] : [],
    ),
    '\n',
    ...rows.map(
      ({ model, parameters }) => `${model}: ${describeParameters(parameters) || 'no parameters'}\n`,
    ),
    ...(board.best ? [`\nbest by ${decidingMetric} on validation: ${board.best.model}\n`] : []),
  ].join('');
}

function withInterval({ mean, ci95 }: MetricSummary): string {
  return `${mean.toFixed(4)} [${ci95.map((end) => end.toFixed(4)).join(', ')}]`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
