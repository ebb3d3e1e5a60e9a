import { useQuery } from '@tanstack/react-query';
import { itemsGet, recommendationsSimilar } from '@sparserec/client';
import { ask, client, Refused } from '../../api/ask.js';
import { useFoundItems } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { dateTime, score } from '../../ui/format.js';
import { Search } from '../../ui/forms/search.js';
import { Loaded, Panel } from '../../ui/panel.js';

const NUM_SIMILAR = 10;

/** One item after another: what the catalog knows of it, and what is like it. */
export default function Items({ catalog }: PageProps) {
  const [query, change] = useQueryState();
  const id = query.get('item') ?? '';
  const first = useFoundItems(catalog, '').data ?? [];
  const may = useMay('read', catalog);
  if (!may) return <p className="note">A key with the scope “read” for this catalog shows items.</p>;
  return (
    <div className="grid">
      <Panel title="Find an item" className="wide">
        <Search
          label="Item"
          placeholder="What its title or id begins with"
          useFound={(search) => useFoundItems(catalog, search)}
          onChoose={(item) => change({ item })}
        />
        {id === '' && (
          <ul className="chips" aria-label="Items to begin with">
            {first.map(({ id: item, title }) => (
              <li key={item}>
                <button type="button" className="chip" onClick={() => change({ item })}>
                  <bdi>{title ?? item}</bdi>
                </button>
              </li>
            ))}
          </ul>
        )}
        {id === '' && first.length === 0 && <p className="note">The catalog has no items yet.</p>}
      </Panel>
      {id !== '' && <ItemPanel catalog={catalog} id={id} />}
      {id !== '' && <Similar catalog={catalog} id={id} />}
    </div>
  );
}

interface OfItem {
  readonly catalog: string;
  readonly id: string;
}

function ItemPanel({ catalog, id }: OfItem) {
  const item = useQuery({
    queryKey: ['item', catalog, id],
    queryFn: ({ signal }) => ask(itemsGet({ client, signal, path: { catalog, id } })),
    placeholderData: () => undefined,
  });
  return (
    <Panel title="Item" asked={item}>
      <Loaded asked={item}>
        {({ itemId, title, tags, metadata, available, createdAt, updatedAt }) => (
          <>
            <p className="lead">
              <strong>
                <bdi>{title ?? itemId}</bdi>
              </strong>
            </p>
            <dl className="pairs">
              <Pair name="id" value={itemId} />
              <Pair name="in lists" value={available ? 'yes' : 'no, it is not available'} />
              <Pair name="came" value={dateTime(createdAt)} />
              <Pair name="changed" value={dateTime(updatedAt)} />
              {Object.entries(metadata).map(([name, value]) => (
                <Pair key={name} name={name} value={JSON.stringify(value)} />
              ))}
            </dl>
            <ul className="chips" aria-label="Tags">
              {tags.map((tag) => (
                <li key={tag} className="chip">
                  <bdi>{tag}</bdi>
                </li>
              ))}
            </ul>
            <p>
              <PageLink catalog={catalog} page="try" query={{ for: 'basket', item: itemId }}>
                Try it in a basket
              </PageLink>
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

function Similar({ catalog, id }: OfItem) {
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
    <Panel title="Most like it" asked={similar}>
      <Loaded asked={similar}>
        {({ items, reason }) => {
          const top = Math.max(...items.map((one) => one.score), Number.MIN_VALUE);
          return (
            <>
              <ol className="stages">
                {items.map((one) => (
                  <li key={one.itemId} className="alike">
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
              {items.length === 0 && (
                <p className="note">The active model relates no item to it ({reason}).</p>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
