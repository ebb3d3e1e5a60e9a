import type { Model } from '@sparserec/client';
import { Explained } from '../../ui/explained.js';
import { bytes, dateTime, score, whole } from '../../ui/format.js';
import { Intervals, type Mean } from '../../ui/intervals.js';
import { meaningOf, nameOf } from '../../ui/metrics.js';
import { Panel } from '../../ui/panel.js';
import { Reach } from './reach.js';

interface ComparisonProps {
  readonly first: Model;
  readonly second: Model;
}

/** Two models side by side: what they are worth, and in what they differ. */
export function Comparison({ first, second }: ComparisonProps) {
  const metrics = Object.keys(first.metrics)
    .filter((name) => second.metrics[name])
    .sort();
  const isSameData = first.snapshotHash === second.snapshotHash;
  return (
    <>
      <Panel title="Figures">
        {!isSameData && <p className="note">They were measured on different data, so compare with care.</p>}
        {metrics.map((metric) => (
          <Pair key={metric} metric={metric} first={first} second={second} />
        ))}
      </Panel>
      <Panel title="Differences">
        <div className="scroll" tabIndex={0} role="region" aria-label="Differences of the two models">
          <table>
            <thead>
              <tr>
                <th scope="col">of</th>
                <th scope="col">{nameOfModel(first)}</th>
                <th scope="col">{nameOfModel(second)}</th>
              </tr>
            </thead>
            <tbody>
              {rowsOf(first, second).map(([name, one, other]) => (
                <tr key={name} className={one === other ? 'same' : ''}>
                  <th scope="row">{name}</th>
                  <td>{one}</td>
                  <td>{other}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      {first.breadth && second.breadth && (
        <Reach
          rows={[
            { name: `1. ${first.kind}`, breadth: first.breadth.model },
            { name: `2. ${second.kind}`, breadth: second.breadth.model },
          ]}
        />
      )}
    </>
  );
}

function nameOfModel({ kind, createdAt }: Model): string {
  return `${kind}, ${dateTime(createdAt)}`;
}

function Pair({ metric, first, second }: ComparisonProps & { readonly metric: string }) {
  const [one, other] = [first.metrics[metric]!, second.metrics[metric]!];
  const better = one.mean >= other.mean ? 'the first' : 'the second';
  return (
    <div>
      <Intervals
        metric={metric}
        rows={[
          { name: `1. ${first.kind}`, value: one },
          { name: `2. ${second.kind}`, value: other },
        ]}
      />
      <p className="note">
        <Explained
          meaning={`${meaningOf(metric)} Where the intervals overlap, chance may have made the difference.`}
        >
          {overlap(one, other)
            ? 'The intervals overlap'
            : `${nameOf(metric)} of ${better} is higher by ${score(Math.abs(one.mean - other.mean))}`}
        </Explained>
      </p>
    </div>
  );
}

function overlap(one: Mean, other: Mean): boolean {
  const [[low = 0, high = 0], [otherLow = 0, otherHigh = 0]] = [one.ci95, other.ci95];
  return low <= otherHigh && otherLow <= high;
}

type Row = readonly [name: string, one: string, other: string];

function rowsOf(first: Model, second: Model): Row[] {
  const names = [...new Set([...Object.keys(first.parameters), ...Object.keys(second.parameters)])].sort();
  const valueOf = ({ parameters }: Model, name: string) => String(parameters[name] ?? '—');
  return [
    ['kind', first.kind, second.kind],
    ...names.map((name): Row => [name, valueOf(first, name), valueOf(second, name)]),
    ['users', whole(first.numUsers), whole(second.numUsers)],
    ['items', whole(first.numItems), whole(second.numItems)],
    ['interactions', whole(first.numInteractions), whole(second.numInteractions)],
    ['size', bytes(first.artifactBytes), bytes(second.artifactBytes)],
    ['kernels', first.kernel, second.kernel],
    ['version', first.codeVersion, second.codeVersion],
  ];
}
