import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { itemsGet, itemsPatch, type Item } from '@sparserec/client';
import { ask, ChangedMeanwhile, client, wordsOf } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { TagsField } from '../../ui/forms/tags-field.js';
import { Tick } from '../../ui/forms/tick.js';
import { draftOf, mergedDraft, patchOf, wordsOfChange, type Draft } from './item-draft.js';

interface EditProps {
  readonly catalog: string;
  readonly item: Item;
}

/** Mends what the catalog knows of an item. */
export function ItemEdit({ catalog, item }: EditProps) {
  const may = useMay('write', catalog);
  if (!may) return null;
  return (
    <details className="fold">
      <summary>Edit</summary>
      <Form catalog={catalog} item={item} />
    </details>
  );
}

/** The item that was typed over, and what was typed: stored only if nobody has changed the item since. */
function useDraft({ catalog, item }: EditProps) {
  const [base, setBase] = useState(item);
  const [typed, setTyped] = useState(draftOf(item));
  const [meanwhile, setMeanwhile] = useState<string | null>(null);
  const queries = useQueryClient();
  const path = { catalog, id: item.itemId };
  const begin = (stored: Item, draft: Draft) => {
    setBase(stored);
    setTyped(draft);
    queries.setQueryData(['item', catalog, item.itemId], stored);
  };
  const lookAgain = async () => {
    const theirs = await ask(itemsGet({ client, path }));
    setMeanwhile(wordsOfChange(draftOf(base), draftOf(theirs)));
    begin(theirs, mergedDraft(draftOf(base), typed, draftOf(theirs)));
  };
  const store = useMutation({
    mutationFn: () => {
      const body = patchOf(draftOf(base), typed);
      return ask(itemsPatch({ client, path, body, headers: { 'If-Match': base.etag } }));
    },
    onSuccess: (stored) => {
      setMeanwhile(null);
      begin(stored, draftOf(stored));
      void queries.invalidateQueries({ queryKey: ['title', catalog, item.itemId] });
    },
    onError: (error) => {
      return error instanceof ChangedMeanwhile ? lookAgain() : undefined;
    },
  });
  const change = (part: Partial<Draft>) => setTyped({ ...typed, ...part });
  const drop = () => {
    setTyped(draftOf(base));
    setMeanwhile(null);
  };
  const isChanged = Object.keys(patchOf(draftOf(base), typed)).length > 0;
  return { typed, change, drop, store, meanwhile, isChanged };
}

function Form(props: EditProps) {
  const { typed, change, drop, store, meanwhile, isChanged } = useDraft(props);
  const isConflict = store.error instanceof ChangedMeanwhile;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        store.mutate();
      }}
    >
      <label className="field">
        <span>Title</span>
        <input value={typed.title} onChange={({ target }) => change({ title: target.value })} />
      </label>
      <TagsField label="Tags" tags={typed.tags} onChange={(tags) => change({ tags })} />
      <Tick
        label="In lists (available)"
        value={typed.available}
        onChange={(available) => change({ available })}
      />
      <p className="note" role="status">
        {store.isSuccess && !isChanged && 'Stored. The next list knows.'}
      </p>
      <p className="error" role="alert">
        {meanwhile !== null &&
          `Nothing was stored: somebody else has changed the item meanwhile (${meanwhile}). What you typed is still here, over the item as it is now.`}
        {store.error && !isConflict && wordsOf(store.error)}
      </p>
      <div className="actions">
        <button type="submit" className="button button-main" disabled={store.isPending || !isChanged}>
          Save
        </button>
        <button type="button" className="button" disabled={!isChanged} onClick={drop}>
          As it was
        </button>
      </div>
    </form>
  );
}
