import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { consentsPut, type Consent, type StoredConsent } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { Tick } from '../../ui/forms/tick.js';

interface ConsentProps {
  readonly catalog: string;
  readonly userId: string;
  readonly consent: StoredConsent;
}

/** What a user allows, switched at once, and what follows from it. */
export function ConsentSwitches({ catalog, userId, consent }: ConsentProps) {
  const may = useMay('write', catalog);
  const queries = useQueryClient();
  const path = { catalog, id: userId };
  /** What was chosen and is not stored yet. */
  const [wanted, setWanted] = useState<Consent | null>(null);
  const put = useMutation({
    mutationFn: (body: Consent) =>
      ask(consentsPut({ client, path, body, headers: { 'If-Match': consent.etag } })),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['user', catalog, userId] });
      setWanted(null);
    },
  });
  const shown = wanted ?? consent;
  const change = (part: Partial<Consent>) => {
    if (wanted) return;
    const { training, personal } = { ...consent, ...part };
    setWanted({ training, personal });
    put.mutate({ training, personal });
  };
  return (
    <div>
      <h3>Consent</h3>
      <Tick
        isSwitch
        isDisabled={!may}
        label="Models may be trained on what the user did"
        value={shown.training}
        onChange={(training) => change({ training })}
      />
      <Tick
        isSwitch
        isDisabled={!may}
        label="Lists may be made from what the user did"
        value={shown.personal}
        onChange={(personal) => change({ personal })}
      />
      <p className="note" role="status">
        {put.isSuccess && wordsOfChange(put.data)}
      </p>
      <p className="error" role="alert">
        {put.error && wordsOf(put.error)}
      </p>
      {!may && <p className="note">A key with the scope “write” may switch them.</p>}
    </div>
  );
}

function wordsOfChange({ training, personal }: Consent): string {
  const lists = personal
    ? 'The next list is made from the history.'
    : 'The next list is the one of somebody without a history.';
  const models = training
    ? 'The next training takes the user in.'
    : 'The next training leaves the user out; models that are there stay as they are.';
  return `${lists} ${models}`;
}
