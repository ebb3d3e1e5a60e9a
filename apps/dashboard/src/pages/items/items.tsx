import { useFoundItems } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { ExportTable } from '../../ui/files/export-table.js';
import { Search } from '../../ui/forms/search.js';
import { Panel } from '../../ui/panel.js';
import { ItemPanel } from './item-panel.js';
import { Popularity } from './popularity.js';
import { Similar } from './similar.js';

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
        <ExportTable catalog={catalog} table="items" />
      </Panel>
      {id !== '' && <ItemPanel key={id} catalog={catalog} id={id} />}
      {id !== '' && <Popularity catalog={catalog} id={id} />}
      {id !== '' && <Similar catalog={catalog} id={id} />}
    </div>
  );
}
