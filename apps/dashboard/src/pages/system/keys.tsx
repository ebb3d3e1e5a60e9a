import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keysList, keysMake, keysRevoke, type Key, type NewKey } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { session } from '../../api/session.js';
import { CopyText } from '../../ui/copy-text.js';
import { ago, dateTime } from '../../ui/format.js';
import { Confirm } from '../../ui/forms/confirm.js';
import { Tick } from '../../ui/forms/tick.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';

const SCOPES = ['read', 'write', 'people', 'train', 'metrics', 'admin'] as const;
type Scope = (typeof SCOPES)[number];
const MEANINGS: Readonly<Record<Scope, string>> = {
  read: 'gets lists, items and models',
  write: 'stores interactions and items',
  people: 'reads what a person did',
  train: 'starts runs, activates models',
  metrics: 'reads metrics',
  admin: 'may do everything',
};

/** Who may call the service, and new keys, each shown once. */
export function Keys() {
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => ask(keysList({ client })) });
  const now = useNow();
  return (
    <Panel title="Keys" asked={keys}>
      <Loaded asked={keys}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="note">
              There is none, so nobody needs one on this machine. From the first one on, every call needs a
              key, for good. Make one with the scope admin first.
            </p>
          ) : (
            <ul className="rows">
              {items.map((key) => (
                <KeyRow key={key.id} apiKey={key} now={now} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {keys.data && <NewKeyForm isFirst={keys.data.items.length === 0} />}
    </Panel>
  );
}

function KeyRow({ apiKey, now }: { readonly apiKey: Key; readonly now: number }) {
  const { id, name, scopes, catalogs, expiresAt, lastUsedAt, revokedAt } = apiKey;
  const queries = useQueryClient();
  const revoke = async () => {
    await ask(keysRevoke({ client, path: { id } }));
    await queries.invalidateQueries();
  };
  const isOver = expiresAt !== null && Date.parse(expiresAt) < now;
  const state = revokedAt !== null ? 'revoked' : isOver ? 'expired' : null;
  return (
    <li className="row">
      <span className="row-main">
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        {scopes.join(', ')}
      </span>
      {state === null ? (
        <Confirm
          action="Revoke"
          title="Revoke this key?"
          words={`Whoever calls with the key “${name}” is refused from now on, for good.`}
          run={revoke}
        />
      ) : (
        <span className="row-note">{state}</span>
      )}
      <span className="row-note">
        {catalogs === null ? 'all catalogs' : catalogs.join(', ')},{' '}
        {lastUsedAt === null ? 'never used' : `used ${ago(lastUsedAt, now)}`}
        {expiresAt !== null && state === null && `, ends ${dateTime(expiresAt)}`}
      </span>
    </li>
  );
}

/** With the first key the service begins to ask for one, so this page goes on with it. */
function NewKeyForm({ isFirst }: { readonly isFirst: boolean }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(isFirst ? ['admin'] : ['read']);
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: NewKey) => ask(keysMake({ client, body })),
    onSuccess: ({ token }) => {
      if (session.get().key === null) session.signIn(token);
      return queries.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <details className="fold">
      <summary>Make a key</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate({ name, scopes: [...scopes] });
        }}
      >
        <label className="field">
          <span>What it is for</span>
          <input required value={name} onChange={({ target }) => setName(target.value)} />
        </label>
        {SCOPES.map((scope) => (
          <Tick
            key={scope}
            label={`${scope}: ${MEANINGS[scope]}`}
            value={scopes.includes(scope)}
            onChange={() => toggle(scope)}
          />
        ))}
        <button
          type="submit"
          className="button button-main"
          disabled={make.isPending || scopes.length === 0 || name.trim() === ''}
        >
          Make it
        </button>
        <p className="error" role="alert">
          {make.error && wordsOf(make.error)}
        </p>
      </form>
      {make.data && (
        <>
          <p>Nobody can read this key again. Copy it now:</p>
          <CopyText label="The new key" text={make.data.token} />
        </>
      )}
    </details>
  );
}
