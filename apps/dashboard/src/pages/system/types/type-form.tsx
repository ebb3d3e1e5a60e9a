import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  interactionTypesList,
  interactionTypesPatch,
  type InteractionType,
  type InteractionTypePage,
} from '@sparserec/client';
import { ask, ChangedMeanwhile, client, wordsOf } from '../../../api/ask.js';
import { Tick } from '../../../ui/forms/tick.js';
import { draftOf, patchOf, REPEATS_RULES, type Draft } from './type-draft.js';

interface FormProps {
  readonly catalog: string;
  readonly type: InteractionType;
}

/** What was typed over a type as it was. Where somebody else has changed it, it begins again with that. */
function useDraft({ catalog, type }: FormProps) {
  const [base, setBase] = useState(type);
  const [draft, setDraft] = useState(draftOf(type));
  const queries = useQueryClient();
  const queryKey = ['interaction-types', catalog];
  const begin = (stored: InteractionType) => {
    setBase(stored);
    setDraft(draftOf(stored));
  };
  const put = useMutation({
    mutationFn: (): Promise<InteractionType> => {
      const [path, headers] = [{ catalog, name: base.name }, { 'If-Match': base.etag }];
      return ask(interactionTypesPatch({ client, path, headers, body: patchOf(base, draft) }));
    },
    onSuccess: (stored) => {
      begin(stored);
      queries.setQueryData<InteractionTypePage>(
        queryKey,
        (known) =>
          known && { ...known, items: known.items.map((one) => (one.name === stored.name ? stored : one)) },
      );
    },
    onError: async (error) => {
      if (!(error instanceof ChangedMeanwhile)) return;
      const { items } = await ask(interactionTypesList({ client, path: { catalog }, query: { limit: 100 } }));
      const now = items.find(({ name }) => name === base.name);
      if (now) begin(now);
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  return { draft, change, put, isChanged: Object.keys(patchOf(base, draft)).length > 0 };
}

export function TypeForm(props: FormProps) {
  const { draft, change, put, isChanged } = useDraft(props);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate();
      }}
    >
      <NumberField
        label="Factor of every weight"
        value={draft.trainingWeight}
        isNeeded
        onChange={(trainingWeight) => change({ trainingWeight })}
      />
      <NumberField
        label="Days after which a weight counts half (empty: never)"
        value={draft.halfLifeDays}
        onChange={(halfLifeDays) => change({ halfLifeDays })}
      />
      <RepeatsField repeats={draft.repeats} onChange={(repeats) => change({ repeats })} />
      <Tick
        label="Says that the user likes the item"
        value={draft.positive}
        onChange={(positive) => change({ positive })}
      />
      <Tick
        label="Takes the item out of the user’s lists"
        value={draft.excludesSeen}
        onChange={(excludesSeen) => change({ excludesSeen })}
      />
      <NumberField
        label="Days after which lists may have it again (empty: never)"
        value={draft.repeatAfterDays}
        onChange={(repeatAfterDays) => change({ repeatAfterDays })}
      />
      <p className="note" role="status">
        {put.isSuccess && !isChanged && 'Stored. Lists know at once, models after the next training.'}
      </p>
      <p className="error" role="alert">
        {put.error && wordsOf(put.error)}
      </p>
      <button type="submit" className="button button-main" disabled={put.isPending || !isChanged}>
        Save
      </button>
    </form>
  );
}

interface RepeatsProps {
  readonly repeats: Draft['repeats'];
  readonly onChange: (repeats: Draft['repeats']) => void;
}

function RepeatsField({ repeats, onChange }: RepeatsProps) {
  return (
    <label className="field">
      <span>Several of a user with an item count</span>
      <select value={repeats} onChange={({ target }) => onChange(target.value as Draft['repeats'])}>
        {REPEATS_RULES.map(([rule, words]) => (
          <option key={rule} value={rule}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: string;
  readonly isNeeded?: boolean;
  readonly onChange: (value: string) => void;
}

function NumberField({ label, value, isNeeded = false, onChange }: NumberProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        min="0"
        required={isNeeded}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
