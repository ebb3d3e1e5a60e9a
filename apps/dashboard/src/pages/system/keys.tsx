import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keysList, keysMake, type NewKey } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { session } from '../../api/session.js';
import { Tick } from '../../ui/forms/tick.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';
import { KeyRow } from './key-row.js';
import { showMadeKey } from './made-key.js';

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

/** With the first key the service begins to ask for one, so this page goes on with it. */
function NewKeyForm({ isFirst }: { readonly isFirst: boolean }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(isFirst ? ['admin'] : ['read']);
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: NewKey) => ask(keysMake({ client, body })),
    onSuccess: (made) => {
      showMadeKey(made);
      if (session.get().key === null) session.signIn(made.token);
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
    </details>
  );
}
