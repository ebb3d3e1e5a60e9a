import type { Metrics, ModelParameters } from '#domain';
import type { Candidate } from '#models';

/** `recall@20 0.2691  ndcg@20 0.2096` */
export function figuresInOneLine(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, { mean }]) => `${name} ${mean.toFixed(4)}`)
    .join('  ');
}

/** `regularization=300 dropout=0` */
export function describeParameters(parameters: ModelParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** One line about a candidate of a search, and whether it is the best so far. */
export function describeCandidate({ metrics, parameters }: Candidate, isBest: boolean): string {
  return `${figuresInOneLine(metrics)}  ${describeParameters(parameters)}${isBest ? '  best so far' : ''}`;
}

/** A line for each metric of each model or other thing with a name. */
export function metricLines(rows: readonly (readonly [label: string, metrics: Metrics])[]): string {
  const lines = rows.flatMap(([label, metrics]) =>
    Object.entries(metrics).map(([name, { mean, ci95 }]) => [
      label,
      name,
      mean.toFixed(4),
      `[${ci95.map((end) => end.toFixed(4)).join(', ')}]`,
    ]),
  );
  return alignColumns(lines, 2);
}

/** Columns as wide as their widest cell, the first `names` to the left and numbers to the right. */
export function alignColumns(rows: readonly (readonly string[])[], names = 1): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < names ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Largest resident memory that this process has had: Node, the data and all threads included. It never falls.
 */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/**
 * What Node takes with this program, and each compute thread beside it, before there is any data; measured.
 */
const [PROCESS_BYTES, THREAD_BYTES] = [140e6, 30e6];

/** Resident memory that a fit is expected to reach, to be compared with `peakRssBytes`. */
export function expectedRssBytes(fitBytes: number, threads: number): number {
  return PROCESS_BYTES + threads * THREAD_BYTES + fitBytes;
}
