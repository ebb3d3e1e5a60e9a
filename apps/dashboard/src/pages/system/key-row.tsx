import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keysRevoke, keysRotate, type Key } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { isOwnKey, session } from '../../api/session.js';
import { ago, dateTime } from '../../ui/format.js';
import { Confirm } from '../../ui/forms/confirm.js';
import { showMadeKey } from './made-key.js';

/** How long an old key goes on to be valid beside the one that takes its place. */
const OVERLAPS = { 'not at all': 0, 'an hour': 3_600, 'a day': 86_400, 'a week': 604_800 } as const;
const USUAL = 'an hour';

interface KeyRowProps {
  readonly apiKey: Key;
  readonly now: number;
}

/** One key, which can be rotated or revoked while it is valid. */
export function KeyRow({ apiKey, now }: KeyRowProps) {
  const { id, name, scopes, catalogs, origins, expiresAt, lastUsedAt, revokedAt } = apiKey;
  const queries = useQueryClient();
  const rotate = async (overlapSeconds: number) => {
    const next = await ask(keysRotate({ client, path: { id }, body: { overlapSeconds } }));
    showMadeKey(next);
    // This page goes on with it: the old one may be over at once.
    if (isOwnKey(id)) session.signIn(next.token);
    await queries.invalidateQueries();
  };
  const revoke = async () => {
    await ask(keysRevoke({ client, path: { id } }));
    await queries.invalidateQueries();
  };
  const isOver = expiresAt !== null && Date.parse(expiresAt) < now;
  const state = revokedAt !== null ? 'revoked' : isOver ? 'expired' : null;
  return (
    <li className="run">
      <div className="row run-head">
        <span className="row-main">
          <strong>
            <bdi>{name}</bdi>
          </strong>{' '}
          {scopes.join(', ')}
        </span>
        {state === null ? (
          <>
            <Rotate name={name} rotate={rotate} />
            <Confirm
              action="Revoke"
              title="Revoke this key?"
              words={
                <>
                  Whoever calls with the key “<bdi>{name}</bdi>” is refused from now on, for good.
                </>
              }
              run={revoke}
            />
          </>
        ) : (
          <span className="row-note">{state}</span>
        )}
      </div>
      <span className="row-note">
        {catalogs === null ? 'all catalogs' : catalogs.join(', ')}
        {origins !== null && `, for pages of ${origins.join(', ')}`},{' '}
        {lastUsedAt === null ? 'never used' : `used ${ago(lastUsedAt, now)}`}
        {expiresAt !== null && state === null && `, ends ${dateTime(expiresAt)}`}
      </span>
    </li>
  );
}

interface RotateProps {
  readonly name: string;
  readonly rotate: (overlapSeconds: number) => Promise<void>;
}

function Rotate({ name, rotate }: RotateProps) {
  const [overlap, setOverlap] = useState<keyof typeof OVERLAPS>(USUAL);
  return (
    <Confirm
      action="Rotate"
      title="Make a key in place of this one?"
      words={
        <>
          The new key may do the same as “<bdi>{name}</bdi>”, and is shown once. Programs have to be given it
          before the old one ends.
        </>
      }
      run={() => rotate(OVERLAPS[overlap])}
    >
      <label className="field">
        <span>The old one stays valid</span>
        <select value={overlap} onChange={({ target }) => setOverlap(target.value as keyof typeof OVERLAPS)}>
          {Object.keys(OVERLAPS).map((words) => (
            <option key={words}>{words}</option>
          ))}
        </select>
      </label>
    </Confirm>
  );
}
