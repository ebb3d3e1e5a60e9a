import { Explained } from './explained.js';
import { score } from './format.js';
import { meaningOf, nameOf } from './metrics.js';

export interface Mean {
  readonly mean: number;
  readonly ci95: readonly number[];
}

interface IntervalsProps {
  readonly metric: string;
  /** By name, the first one in colour. */
  readonly rows: readonly { readonly name: string; readonly value: Mean }[];
}

/** Means and their intervals on one scale from 0: where two do not overlap, the difference is no chance. */
export function Intervals({ metric, rows }: IntervalsProps) {
  const top = Math.max(...rows.map(({ value }) => value.ci95[1] ?? value.mean), Number.MIN_VALUE);
  return (
    <div className="intervals">
      <Explained meaning={meaningOf(metric)} className="intervals-name">
        {nameOf(metric)}
      </Explained>
      <ul>
        {rows.map(({ name, value }, place) => (
          <li key={name} className={place === 0 ? 'interval interval-main' : 'interval'}>
            <span className="interval-of">{name}</span>
            <IntervalBar value={value} top={top} />
            <span className="interval-value">
              {score(value.mean)} <small>{rangeOf(value)}</small>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function rangeOf({ ci95: [low, high] }: Mean): string {
  return low === undefined || high === undefined ? '' : `[${score(low)}, ${score(high)}]`;
}

export function IntervalBar({ value, top }: { readonly value: Mean; readonly top: number }) {
  const [low = value.mean, high = value.mean] = value.ci95;
  const at = (x: number) => `${(x / top) * 100}%`;
  return (
    <span className="interval-bar" aria-hidden="true">
      <span className="interval-fill" style={{ width: at(value.mean) }} />
      <span className="interval-range" style={{ left: at(low), width: at(high - low) }} />
    </span>
  );
}
