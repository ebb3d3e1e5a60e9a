import { useQuery } from '@tanstack/react-query';
import { usersGet, usersInteractionsOfUser } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { useFoundUsers, useTitles } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { Figure } from '../../ui/figure.js';
import { dateTime, score, whole } from '../../ui/format.js';
import { Search } from '../../ui/forms/search.js';
import { Loaded, Panel } from '../../ui/panel.js';

const SHOWN = 50;

/** One user after another: what is stored of them, and what they did last. */
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
      </Panel>
      {id !== '' && <UserPanel catalog={catalog} id={id} />}
      {id !== '' && <History catalog={catalog} id={id} />}
    </div>
  );
}

interface OfUser {
  readonly catalog: string;
  readonly id: string;
}

function UserPanel({ catalog, id }: OfUser) {
  const user = useQuery({
    queryKey: ['user', catalog, id],
    queryFn: ({ signal }) => ask(usersGet({ client, signal, path: { catalog, id } })),
    placeholderData: () => undefined,
  });
  return (
    <Panel title="User" asked={user}>
      <Loaded asked={user}>
        {({ userId, createdAt, interactions, firstOccurredAt, lastOccurredAt, consent, tags }) => (
          <>
            <p className="lead">
              <strong>
                <bdi>{userId}</bdi>
              </strong>
              , known since {dateTime(createdAt)}
            </p>
            <dl className="figures">
              {interactions.map(({ type, count }) => (
                <Figure
                  key={type}
                  label={type}
                  value={whole(count)}
                  meaning={`Stored interactions of the type “${type}”.`}
                />
              ))}
            </dl>
            {firstOccurredAt !== null && lastOccurredAt !== null && (
              <p className="note">
                From {dateTime(firstOccurredAt)} to {dateTime(lastOccurredAt)}.
              </p>
            )}
            <p className="note">
              Training: {consent.training ? 'allowed' : 'refused'}. Personal lists:{' '}
              {consent.personal ? 'allowed' : 'refused'}.
            </p>
            {tags.length > 0 && (
              <p className="note">
                Tags: <bdi>{tags.join(', ')}</bdi>
              </p>
            )}
            <p>
              <PageLink catalog={catalog} page="try" query={{ user: userId }}>
                The list for this user
              </PageLink>
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function History({ catalog, id }: OfUser) {
  const history = useQuery({
    queryKey: ['history', catalog, id],
    queryFn: ({ signal }) =>
      ask(usersInteractionsOfUser({ client, signal, path: { catalog, id }, query: { limit: SHOWN } })),
    placeholderData: () => undefined,
  });
  const ids = [...new Set(history.data?.items.map(({ itemId }) => itemId))];
  const titles = useTitles(catalog, ids);
  return (
    <Panel title="What the user did last" asked={history}>
      <Loaded asked={history}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <p className="note">Nothing is stored.</p>
          ) : (
            <>
              <ul className="rows">
                {items.map(({ itemId, type, weight, occurredAt }) => (
                  <li key={`${itemId} ${type} ${occurredAt}`} className="row">
                    <span className="row-main">
                      <PageLink catalog={catalog} page="items" query={{ item: itemId }}>
                        <bdi>{titles.get(itemId) ?? itemId}</bdi>
                      </PageLink>
                    </span>
                    <span className="row-note">
                      {type}
                      {weight !== 1 && ` × ${score(weight)}`}, {dateTime(occurredAt)}
                    </span>
                  </li>
                ))}
              </ul>
              {nextCursor !== undefined && <p className="note">These are the newest {SHOWN}.</p>}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
