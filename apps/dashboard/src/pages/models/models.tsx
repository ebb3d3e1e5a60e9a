import type { Model } from '@sparserec/client';
import { useModels } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { Explained } from '../../ui/explained.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { ago, dateTime, score, whole } from '../../ui/format.js';
import { IntervalBar, rangeOf } from '../../ui/intervals.js';
import { MAIN_METRIC, meaningOf, nameOf } from '../../ui/metrics.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';
import '../../styles/models.css';
import { Activate } from './activate.js';
import { Comparison } from './comparison.js';
import { Details } from './details.js';

const MOST_CHOSEN = 2;
/** Of what a file of the versions has. */
const COUNTS = ['numUsers', 'numItems', 'numInteractions', 'artifactBytes'] as const;

/** Every model that was trained, what it is worth, and which one makes the lists. */
export default function Models({ catalog }: PageProps) {
  const models = useModels(catalog);
  const [query] = useQueryState();
  return (
    <Loaded asked={models}>
      {({ items }) => {
        const chosen = query.getAll('model').flatMap((id) => items.find((model) => model.id === id) ?? []);
        const [first = items.find(({ status }) => status === 'active') ?? items[0], second] = chosen;
        return (
          <div className="grid models">
            <Panel title="Versions" asked={models} className="wide">
              {items.length === 0 ? (
                <p className="note">There is none. Start a training run to get the first one.</p>
              ) : (
                <Versions catalog={catalog} models={items} chosen={chosen.map(({ id }) => id)} />
              )}
            </Panel>
            {first && second && <Comparison first={first} second={second} />}
            {first && !second && <Details model={first} />}
          </div>
        );
      }}
    </Loaded>
  );
}

interface VersionsProps {
  readonly catalog: string;
  readonly models: readonly Model[];
  readonly chosen: readonly string[];
}

function Versions({ catalog, models, chosen }: VersionsProps) {
  const metrics = [...new Set(models.flatMap((model) => Object.keys(model.metrics)))].sort();
  const highest = models.map(({ metrics }) => metrics[MAIN_METRIC]?.ci95[1] ?? 0);
  return (
    <>
      <p className="note">
        Choose one to see more of it, or two to see their difference. The bar is{' '}
        <Explained meaning={meaningOf(MAIN_METRIC)}>{nameOf(MAIN_METRIC)}</Explained>.
      </p>
      <ul className="rows">
        {models.map((model) => (
          <Version
            key={model.id}
            top={Math.max(...highest, Number.MIN_VALUE)}
            {...{ catalog, model, models, chosen }}
          />
        ))}
      </ul>
      <p>
        <SaveTable
          name={`${catalog}-models`}
          columns={['id', 'kind', 'status', 'createdAt', ...metrics, ...COUNTS, 'parameters']}
          rows={models.map((model) => [
            ...[model.id, model.kind, model.status, model.createdAt],
            ...metrics.map((name) => model.metrics[name]?.mean ?? null),
            ...COUNTS.map((name) => model[name]),
            JSON.stringify(model.parameters),
          ])}
        />
      </p>
    </>
  );
}

interface VersionProps extends VersionsProps {
  readonly model: Model;
  readonly top: number;
}

function Version({ catalog, model, models, chosen, top }: VersionProps) {
  const [, change] = useQueryState();
  const now = useNow();
  const value = model.metrics[MAIN_METRIC];
  const isChosen = chosen.includes(model.id);
  const choose = () =>
    change({
      model: isChosen ? chosen.filter((id) => id !== model.id) : [...chosen.slice(1 - MOST_CHOSEN), model.id],
    });
  return (
    <li className="version">
      <label className="version-name">
        <input type="checkbox" checked={isChosen} onChange={choose} />
        <span>
          <strong>{model.kind}</strong>{' '}
          <time dateTime={model.createdAt} title={dateTime(model.createdAt)}>
            {ago(model.createdAt, now)}
          </time>
          <small>{whole(model.numInteractions)} interactions</small>
        </span>
      </label>
      {value ? (
        <span className="version-figure interval-main">
          <IntervalBar value={value} top={top} />
          <span>
            {score(value.mean)} <small>{rangeOf(value)}</small>
          </span>
        </span>
      ) : (
        <span className="version-figure note">not measured</span>
      )}
      <span className="version-state">
        {model.status === 'active' ? (
          <strong className="state state-good">active</strong>
        ) : (
          <Activate
            catalog={catalog}
            model={model}
            active={models.find(({ status }) => status === 'active')}
          />
        )}
      </span>
    </li>
  );
}
