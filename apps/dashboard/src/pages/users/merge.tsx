import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { userMergesMerge, usersGet, type MergedUsers } from '@sparserec/client';
import { ask, client, Refused } from '../../api/ask.js';
import { useFoundUsers } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { count, dateTime } from '../../ui/format.js';
import { Confirm } from '../../ui/forms/confirm.js';
import { Search } from '../../ui/forms/search.js';

interface MergeProps {
  readonly catalog: string;
  readonly userId: string;
}

/** Makes two ids of one person one user, such as one from before the login. */
export function Merge({ catalog, userId }: MergeProps) {
  const [from, setFrom] = useState('');
  const [merged, setMerged] = useState<MergedUsers | null>(null);
  const may = useMay('write', catalog);
  if (!may) return null;
  const choose = (id: string) => {
    setFrom(id);
    setMerged(null);
  };
  return (
    <details className="fold">
      <summary>Merge another id into this user</summary>
      <Search
        label="The other id of the same person"
        placeholder="What the id begins with"
        useFound={(search) => useFoundUsers(catalog, search)}
        onChoose={choose}
      />
      {from === userId && <p className="error">That is this user.</p>}
      {from !== '' && from !== userId && merged === null && (
        <MergeOf {...{ catalog, userId, from }} onMerged={setMerged} />
      )}
      <p role="status">{merged && wordsOfMerged(merged)}</p>
    </details>
  );
}

function wordsOfMerged({ mergedId, moved, followsUntil }: MergedUsers) {
  return (
    <>
      {count(moved, 'interaction')} of “<bdi>{mergedId}</bdi>” {moved === 1 ? 'is' : 'are'} now of this user,
      whom “<bdi>{mergedId}</bdi>” names until {dateTime(followsUntil)}.
    </>
  );
}

interface MergeOfProps extends MergeProps {
  readonly from: string;
  readonly onMerged: (merged: MergedUsers) => void;
}

/** One merge, with what it changes. */
function MergeOf({ catalog, userId, from, onMerged }: MergeOfProps) {
  const queries = useQueryClient();
  const other = useQuery({
    queryKey: ['user', catalog, from],
    queryFn: ({ signal }) => ask(usersGet({ client, signal, path: { catalog, id: from } })),
    placeholderData: () => undefined,
  });
  const merge = async () => {
    onMerged(await ask(userMergesMerge({ client, path: { catalog, id: userId }, body: { from } })));
    await queries.invalidateQueries();
  };
  const isUnknown = other.error instanceof Refused && other.error.status === 404;
  if (other.isPending) return <p className="note">Loading …</p>;
  const numOwn = other.data?.interactions.reduce((sum, one) => sum + one.count, 0) ?? 0;
  return (
    <p className="actions">
      <bdi>{from}</bdi>
      <Confirm
        action="Merge"
        title="Make them one user, for good?"
        run={merge}
        words={
          <>
            {isUnknown ? 'Nothing is stored yet of' : `${count(numOwn, 'interaction')} of`} “<bdi>{from}</bdi>
            ”{isUnknown ? '.' : ' become those of this user, with what was counted and shown.'} Of equal
            interactions that of “<bdi>{userId}</bdi>” is kept, and so are its tags and metadata. What either
            does not allow is not allowed. For 30 days “<bdi>{from}</bdi>” names “<bdi>{userId}</bdi>” in
            every call. This cannot be undone.
          </>
        }
      />
    </p>
  );
}
