import type { Breadth } from '@sparserec/client';
import { Explained } from '../../ui/explained.js';
import { percent, score } from '../../ui/format.js';
import { Panel } from '../../ui/panel.js';

interface ReachProps {
  /** The first one in colour. */
  readonly rows: readonly { readonly name: string; readonly breadth: Breadth }[];
}

/** How far into the catalogue the lists of models go: what they show of it, and find of its tail. */
export function Reach({ rows }: ReachProps) {
  const [first] = rows;
  if (!first) return null;
  const lists = `lists of ${first.breadth.k} for all measured people`;
  const of = (value: (breadth: Breadth) => number) =>
    rows.map(({ name, breadth }) => ({ name, value: value(breadth) }));
  const tenths = (values: (breadth: Breadth) => readonly number[]) =>
    rows.map(({ name, breadth }) => ({ name, values: values(breadth) }));
  return (
    <Panel title="How far the lists reach" className="wide">
      <div className="reach">
        <Shares
          label="Coverage"
          meaning={`The share of all items that are in at least one of the ${lists}.`}
          rows={of(({ coverage }) => coverage)}
          words={percent}
        />
        <Shares
          label="Inequality"
          meaning={`The Gini coefficient of how often each item is in one of the ${lists}: 0 when all are shown equally often, nearly 1 when a few have all places.`}
          rows={of(({ gini }) => gini)}
          words={score}
        />
        <Tenths
          label="Recall by tenth"
          meaning={`Of each person’s held-out items of a tenth of the catalogue, the share that a list of ${first.breadth.k} contains. The first tenth has the most popular items.`}
          rows={tenths(({ tailRecall }) => tailRecall)}
        />
        <Tenths
          label="Exposure by tenth"
          meaning={`The share of all places in the ${lists} that items of a tenth of the catalogue have. The first tenth has the most popular items.`}
          rows={tenths(({ exposure }) => exposure)}
        />
      </div>
    </Panel>
  );
}

interface SharesProps {
  readonly label: string;
  readonly meaning: string;
  readonly rows: readonly { readonly name: string; readonly value: number }[];
  readonly words: (value: number) => string;
}

function Shares({ label, meaning, rows, words }: SharesProps) {
  return (
    <div className="intervals">
      <Explained meaning={meaning} className="intervals-name">
        {label}
      </Explained>
      <ul>
        {rows.map(({ name, value }, place) => (
          <li key={name} className={place === 0 ? 'interval interval-main' : 'interval'}>
            <span className="interval-of">{name}</span>
            <Bar share={value} />
            <span className="interval-value">{words(value)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TenthsProps {
  readonly label: string;
  readonly meaning: string;
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** A bar and its number for each tenth of the catalogue: a chart that is a table. */
function Tenths({ label, meaning, rows }: TenthsProps) {
  const top = Math.max(...rows.flatMap(({ values }) => values), Number.MIN_VALUE);
  const numTenths = rows[0]!.values.length;
  return (
    <div className="intervals">
      <Explained meaning={meaning} className="intervals-name">
        {label}
      </Explained>
      <table className="tenths">
        <thead>
          <tr>
            <th scope="col">tenth</th>
            {rows.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: numTenths }, (_, tenth) => (
            <tr key={tenth}>
              <th scope="row">{tenth + 1}</th>
              {rows.map(({ name, values }, place) => (
                <td key={name} className={place === 0 ? 'interval-main' : ''}>
                  <span className="tenth">
                    <Bar share={values[tenth]! / top} />
                    <span>{percent(values[tenth]!)}</span>
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bar({ share }: { readonly share: number }) {
  return (
    <span className="interval-bar" aria-hidden="true">
      <span className="interval-fill" style={{ width: `${share * 100}%` }} />
    </span>
  );
}
