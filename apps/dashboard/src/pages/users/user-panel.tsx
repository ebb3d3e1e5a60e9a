import { useQuery } from '@tanstack/react-query';
import { personExportsExport, usersGet, type UserSummary } from '@sparserec/client';
import { ask, askForFile, client } from '../../api/ask.js';
import { PageLink } from '../../app/page-link.js';
import { Chips } from '../../ui/chips.js';
import { Figure } from '../../ui/figure.js';
import { Download } from '../../ui/files/download.js';
import { dateTime, whole } from '../../ui/format.js';
import { PairsOf } from '../../ui/pairs.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { ConsentSwitches } from './consent.js';
import { Merge } from './merge.js';

interface OfUser {
  readonly catalog: string;
  readonly id: string;
}

/** What is stored of a user, and what can be changed of it. */
export function UserPanel({ catalog, id }: OfUser) {
  const user = useQuery({
    queryKey: ['user', catalog, id],
    queryFn: ({ signal }) => ask(usersGet({ client, signal, path: { catalog, id } })),
    placeholderData: () => undefined,
  });
  return (
    <Panel title="User" asked={user}>
      <Loaded asked={user}>
        {(found) => (
          <>
            <Stored user={found} />
            <p className="actions">
              <PageLink catalog={catalog} page="try" query={{ user: found.userId }}>
                The list for this user
              </PageLink>
              <Download
                label="Download everything on this person"
                fileName={`${catalog}-user.jsonl`}
                load={() =>
                  askForFile(
                    personExportsExport({ client, path: { catalog, id: found.userId }, parseAs: 'blob' }),
                  )
                }
              />
            </p>
            <ConsentSwitches catalog={catalog} userId={found.userId} consent={found.consent} />
            <Merge catalog={catalog} userId={found.userId} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Stored({ user }: { readonly user: UserSummary }) {
  const { userId, createdAt, interactions, firstOccurredAt, lastOccurredAt, tags, metadata } = user;
  return (
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
        {user.lateInteractions > 0 && (
          <Figure
            label="late"
            value={whole(user.lateInteractions)}
            meaning="Interactions with deleted items. They count again once their item is put again."
          />
        )}
      </dl>
      {firstOccurredAt !== null && lastOccurredAt !== null && (
        <p className="note">
          From {dateTime(firstOccurredAt)} to {dateTime(lastOccurredAt)}.
        </p>
      )}
      <Chips label="Tags" texts={tags} />
      {Object.keys(metadata).length > 0 && (
        <dl className="pairs">
          <PairsOf values={metadata} />
        </dl>
      )}
    </>
  );
}
