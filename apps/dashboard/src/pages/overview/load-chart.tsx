import type { Rate } from '../../api/rates.js';
import { Chart } from '../../ui/chart.js';

const FIRST = 2;

/** Calls and the slowest lists over the time that this page has looked. */
export default function LoadChart({ rates }: { readonly rates: readonly Rate[] }) {
  if (rates.length < FIRST) return <div className="chart chart-empty">A chart begins in a few seconds …</div>;
  return (
    <Chart
      label={`Calls a second over the last ${Math.round((rates.at(-1)!.at - rates[0]!.at) / 1_000)} seconds`}
      times={rates.map(({ at }) => at / 1_000)}
      series={[{ name: 'calls a second', values: rates.map(({ callsPerSecond }) => callsPerSecond) }]}
    />
  );
}
