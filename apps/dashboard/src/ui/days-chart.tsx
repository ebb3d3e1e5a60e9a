import { Chart } from './chart.js';
import type { Day } from './days.js';

/** Interactions of each day. */
export default function DaysChart({ days }: { readonly days: readonly Day[] }) {
  return (
    <Chart
      label={`Interactions a day, from ${days[0]!.date} to ${days.at(-1)!.date}`}
      axis="days"
      times={days.map(({ date }) => Date.parse(date) / 1_000)}
      series={[{ name: 'interactions', values: days.map(({ interactions }) => interactions) }]}
    />
  );
}
