import { useQuery } from '@tanstack/react-query';
import { itemsGet, type Item } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { PageLink } from '../../app/page-link.js';
import { Chips } from '../../ui/chips.js';
import { dateTime } from '../../ui/format.js';
import { Pair, PairsOf } from '../../ui/pairs.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { ItemEdit } from './item-edit.js';

interface OfItem {
  readonly catalog: string;
  readonly id: string;
}

/** What the catalog knows of an item, and a form that mends it. */
export function ItemPanel({ catalog, id }: OfItem) {
  const item = useQuery({
    queryKey: ['item', catalog, id],
    queryFn: ({ signal }) => ask(itemsGet({ client, signal, path: { catalog, id } })),
    placeholderData: () => undefined,
  });
  return (
    <Panel title="Item" asked={item}>
      <Loaded asked={item}>
        {(found) => (
          <>
            <Known item={found} />
            <p>
              <PageLink catalog={catalog} page="try" query={{ for: 'basket', item: found.itemId }}>
                Try it in a basket
              </PageLink>
            </p>
            <ItemEdit catalog={catalog} item={found} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Known({ item }: { readonly item: Item }) {
  const { itemId, title, tags, metadata, available, createdAt, updatedAt } = item;
  return (
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
        <PairsOf values={metadata} />
      </dl>
      <Chips label="Tags" texts={tags} />
    </>
  );
}
