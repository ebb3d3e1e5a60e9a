import type { Epoch } from '../../../api/followed-runs.js';
import { Chart } from '../../../ui/chart.js';

/** How a model has become better, epoch by epoch, since this page was told of it. */
export default function EpochCurve({ epochs }: { readonly epochs: readonly Epoch[] }) {
  const phase = epochs.at(-1)!.phase;
  const shown = epochs.filter((one) => one.phase === phase);
  return (
    <Chart
      label={`Loss and validation of ${shown.length} epochs`}
      axis="numbers"
      times={shown.map(({ epoch }) => epoch)}
      series={[
        { name: 'loss', values: shown.map(({ loss }) => loss) },
        { name: 'validation NDCG@20', values: shown.map(({ validation }) => validation) },
      ]}
    />
  );
}
