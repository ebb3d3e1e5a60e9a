import { useQuery } from '@tanstack/react-query';
import { recommendationsSimilar, type RecommendedItem } from '@sparserec/client';
import { ask, client, Refused } from '../../api/ask.js';
import { PageLink } from '../../app/page-link.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { score } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';
import '../../styles/items.css';
import { ItemMap } from './map/item-map.js';

const NUM_SIMILAR = 24;

interface OfItem {
  readonly catalog: string;
  readonly id: string;
}

/** What is most like an item, by the active model: as a map and as a list. */
export function Similar({ catalog, id }: OfItem) {
  const similar = useQuery({
    queryKey: ['similar', catalog, id],
    queryFn: ({ signal }) => {
      const query = { k: NUM_SIMILAR, fields: 'title', preview: 'true' as const };
      return ask(recommendationsSimilar({ client, signal, path: { catalog, id }, query }));
    },
    placeholderData: () => undefined,
  });
  const isUnknown = similar.error instanceof Refused && similar.error.status === 404;
  if (isUnknown) return null;
  return (
    <Panel title="Most like it" asked={similar} className="wide">
      <Loaded asked={similar}>
        {({ items, reason, modelId }) =>
          items.length === 0 ? (
            <p className="note">The active model relates no item to it ({reason}).</p>
          ) : (
            <div className="alikes">
              <ItemMap {...{ catalog, modelId, items }} itemId={id} />
              <List catalog={catalog} items={items} />
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

interface ListProps {
  readonly catalog: string;
  readonly items: readonly RecommendedItem[];
}

function List({ catalog, items }: ListProps) {
  const top = Math.max(...items.map((one) => one.score), Number.MIN_VALUE);
  return (
    <div className="stack">
      <ol className="stages">
        {items.map((one, n) => (
          <li key={one.itemId} className="alike alike-numbered">
            <span className="alike-place" aria-hidden="true">
              {n + 1}
            </span>
            <PageLink catalog={catalog} page="items" query={{ item: one.itemId }}>
              <bdi>{one.title ?? one.itemId}</bdi>
            </PageLink>
            <span className="part-bar" aria-hidden="true">
              <span className="part-raises" style={{ width: `${(one.score / top) * 100}%` }} />
            </span>
            <span className="part-value">{score(one.score)}</span>
          </li>
        ))}
      </ol>
      <p>
        <SaveTable
          name={`${catalog}-similar`}
          columns={['itemId', 'title', 'score']}
          rows={items.map((one) => [one.itemId, one.title ?? null, one.score])}
        />
      </p>
    </div>
  );
}
