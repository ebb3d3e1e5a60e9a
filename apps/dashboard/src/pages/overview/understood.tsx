import type { DatasetSummary } from '@sparserec/client';
import { Figure } from '../../ui/figure.js';
import { count, dateTime, percent, short } from '../../ui/format.js';

/** What the service has understood of a file, before anything is stored. */
export function Understood({ summary }: { readonly summary: DatasetSummary }) {
  const { format, encoding, users, items, interactions, density, warnings, leftOut, firstDate, lastDate } =
    summary;
  return (
    <div className="stack">
      <p>
        It is {format}
        {encoding !== null && `, ${encoding}`}. {columnsOf(summary)}
      </p>
      <dl className="figures">
        <Figure label="Users" value={short(users)} meaning="Different users that the file names." />
        <Figure label="Items" value={short(items)} meaning="Different items that the file names." />
        <Figure
          label="Interactions"
          value={short(interactions)}
          meaning="Rows that would be stored, without repeats."
          note={firstDate !== null && lastDate !== null && `${dateTime(firstDate)} to ${dateTime(lastDate)}`}
        />
        <Figure
          label="Density"
          value={percent(density)}
          meaning="The share of all pairs of a user and an item that the file has."
        />
      </dl>
      {warnings.map((warning) => (
        <p key={warning} className="note">
          {warning}
        </p>
      ))}
      {leftOut.map(({ reason, rows, firstLines }) => (
        <p key={reason} className="note note-bad">
          {count(rows, 'row')} would be left out: {reason} (line {firstLines.join(', ')})
        </p>
      ))}
      <Sample rows={summary.sample} />
    </div>
  );
}

function columnsOf({ columns }: DatasetSummary): string {
  const named = Object.entries(columns).filter(([, column]) => column !== null);
  if (named.length === 0) return '';
  return `Columns: ${named.map(([role, column]) => `${role} is ${String(column)}`).join(', ')}.`;
}

function Sample({ rows }: { readonly rows: DatasetSummary['sample'] }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Rows as they would be stored">
      <table>
        <thead>
          <tr>
            {['user', 'item', 'type', 'weight', 'time'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ userId, itemId, type, weight, occurredAt }, place) => (
            <tr key={place}>
              <td>
                <bdi>{userId}</bdi>
              </td>
              <td>
                <bdi>{itemId}</bdi>
              </td>
              <td>{type}</td>
              <td>{weight}</td>
              <td>{occurredAt === null ? '' : dateTime(occurredAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
