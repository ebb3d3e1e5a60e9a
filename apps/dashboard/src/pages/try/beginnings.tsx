import { useFoundItems, useFoundUsers } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { useQueryState } from '../../app/use-route.js';

const OFFERED = 3;

/** Whom and what one could begin with. */
export function Beginnings({ catalog }: { readonly catalog: string }) {
  const [, change] = useQueryState();
  const users = useFoundUsers(catalog, '').data?.slice(0, OFFERED) ?? [];
  const items = useFoundItems(catalog, '').data?.slice(0, OFFERED) ?? [];
  const may = useMay('read', catalog);
  if (!may) return <p className="note">Lists need a key with the scope “read” for this catalog.</p>;
  if (items.length === 0)
    return <p className="note">The catalog has no items yet. The overview says how to begin.</p>;
  return (
    <div className="stack">
      <p>Choose a user, or put items into a basket: the list appears at once, and says why.</p>
      <ul className="chips">
        {users.map(({ id }) => (
          <li key={id}>
            <button type="button" className="button" onClick={() => change({ for: null, user: id })}>
              <bdi>{id}</bdi>
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            className="button"
            onClick={() => change({ for: 'basket', item: items.map(({ id }) => id) })}
          >
            A basket of {items.length} items
          </button>
        </li>
      </ul>
    </div>
  );
}
