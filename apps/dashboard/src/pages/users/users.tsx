import { useFoundUsers } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { ExportTable } from '../../ui/files/export-table.js';
import { Search } from '../../ui/forms/search.js';
import { Panel } from '../../ui/panel.js';
import { History } from './history.js';
import { UserPanel } from './user-panel.js';

/** One user after another: what is stored of them, what they did last, and what has to be corrected. */
export default function Users({ catalog }: PageProps) {
  const [query, change] = useQueryState();
  const id = query.get('user') ?? '';
  const first = useFoundUsers(catalog, '').data ?? [];
  const may = useMay('people', catalog);
  if (!may) return <p className="note">A key with the scope “people” for this catalog shows users.</p>;
  return (
    <div className="grid">
      <Panel title="Find a user" className="wide">
        <Search
          label="User"
          placeholder="What the id begins with"
          useFound={(search) => useFoundUsers(catalog, search)}
          onChoose={(user) => change({ user })}
        />
        {id === '' && (
          <ul className="chips" aria-label="Users to begin with">
            {first.map(({ id: user }) => (
              <li key={user}>
                <button type="button" className="chip" onClick={() => change({ user })}>
                  <bdi>{user}</bdi>
                </button>
              </li>
            ))}
          </ul>
        )}
        {id === '' && first.length === 0 && <p className="note">The catalog has no users yet.</p>}
        <ExportTable catalog={catalog} table="users" />
        <ExportTable catalog={catalog} table="interactions" />
      </Panel>
      {id !== '' && <UserPanel key={id} catalog={catalog} id={id} />}
      {id !== '' && <History key={`history ${id}`} catalog={catalog} id={id} />}
    </div>
  );
}
