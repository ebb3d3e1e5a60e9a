import type { TrainingRun } from '@sparserec/client';
import { Explained } from '../../../ui/explained.js';
import { SaveTable } from '../../../ui/files/save-table.js';
import { milliseconds, percent, score } from '../../../ui/format.js';
import { rangeOf, type Mean } from '../../../ui/intervals.js';
import { MAIN_METRIC, meaningOf, nameOf } from '../../../ui/metrics.js';

type Rows = NonNullable<TrainingRun['leaderboard']>;

interface LeaderboardProps {
  readonly catalog: string;
  readonly rows: Rows;
  /** Of the run that the others are compared with. */
  readonly kind: string;
}

/** All kinds of models on what the run held out, each as its difference to the run. */
export function Leaderboard({ catalog, rows, kind }: LeaderboardProps) {
  const measured = rows.filter((row) => 'metrics' in row);
  const leftOut = rows.filter((row) => 'leftOut' in row);
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Leaderboard">
        <table>
          <thead>
            <tr>
              <th scope="col">kind</th>
              <th scope="col">
                <Explained meaning={meaningOf(MAIN_METRIC)}>{nameOf(MAIN_METRIC)}</Explained>
              </th>
              <th scope="col">
                <Explained
                  meaning={`The difference to ${kind}, person by person, with its 95 % interval. One that contains 0 may be chance.`}
                >
                  difference
                </Explained>
              </th>
              <th scope="col">
                <Explained meaning="The share of all items that are in at least one list.">
                  coverage
                </Explained>
              </th>
              <th scope="col">fit</th>
            </tr>
          </thead>
          <tbody>
            {measured.map((row) => (
              <Row key={row.model} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <SaveTable
          name={`${catalog}-leaderboard`}
          columns={['kind', ...COLUMNS, 'coverage', 'gini', 'fitMs', 'artifactBytes', 'kernel']}
          rows={measured.map((row) => [
            row.model,
            ...figuresOf(row.metrics[MAIN_METRIC]),
            ...figuresOf(row.differenceToRun[MAIN_METRIC]),
            ...[row.coverage, row.gini, row.fitMs, row.artifactBytes, row.kernel],
          ])}
        />
      </p>
      {leftOut.map((row) => (
        <p key={row.model} className="note">
          {row.model} was left out: {row.leftOut}
        </p>
      ))}
    </>
  );
}

const COLUMNS = [MAIN_METRIC, 'difference'].flatMap((name) => [name, `${name} low`, `${name} high`]);

function figuresOf(value: Mean | undefined): (number | null)[] {
  return [value?.mean ?? null, value?.ci95[0] ?? null, value?.ci95[1] ?? null];
}

function Row({ row }: { readonly row: Extract<Rows[number], { metrics: unknown }> }) {
  const [value, difference] = [row.metrics[MAIN_METRIC], row.differenceToRun[MAIN_METRIC]];
  return (
    <tr>
      <th scope="row">{row.model}</th>
      <td>{value && score(value.mean)}</td>
      <td>
        {difference && (
          <>
            {difference.mean > 0 && '+'}
            {score(difference.mean)} <small>{rangeOf(difference)}</small>
          </>
        )}
      </td>
      <td>{percent(row.coverage)}</td>
      <td>{milliseconds(row.fitMs)}</td>
    </tr>
  );
}
