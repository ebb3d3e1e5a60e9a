import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { interactionsImport, type DatasetSummary, type ImportedInteractions } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { sendingFile } from '../../api/sent-file.js';
import { count, percent } from '../../ui/format.js';
import { Understood } from './understood.js';

interface ImportProps {
  readonly catalog: string;
  /** Told in words what was stored, where somebody else is to say it. */
  readonly onStored?: (words: string) => void;
}

/** Takes a file of interactions, shows what was understood of it, and stores it once that is right. */
export function ImportFile({ catalog, onStored }: ImportProps) {
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const may = useMay('write', catalog);
  const queries = useQueryClient();
  const look = useMutation({
    mutationFn: (chosen: File) => send(catalog, chosen, 'true', setSent) as Promise<DatasetSummary>,
    onMutate: () => setSent(0),
  });
  const store = useMutation({
    mutationFn: (chosen: File) => send(catalog, chosen, 'false', setSent) as Promise<ImportedInteractions>,
    onMutate: () => setSent(0),
    onSuccess: (stored) => {
      onStored?.(wordsOfStored(stored));
      return queries.invalidateQueries();
    },
  });
  if (!may) return <p className="note">A key with the scope “write” for this catalog may import.</p>;
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    store.reset();
    look.mutate(chosen);
  };
  return (
    <div className="stack">
      <Drop onChoose={choose} />
      <div role="status">
        {look.isPending && <p className="note">Reading “{file?.name}” …</p>}
        {store.isPending && (
          <p className="note">Storing … A large file takes minutes; leave the page open.</p>
        )}
        {store.data && <p>{wordsOfStored(store.data)}</p>}
      </div>
      {(look.isPending || store.isPending) && (
        <p className="note">
          <progress aria-label="Read so far" value={sent} /> {percent(sent)} of the file
        </p>
      )}
      <Faults errors={[look.error, store.error]} />
      {file && look.data && !store.data && (
        <>
          <Understood summary={look.data} />
          <button
            type="button"
            className="button button-main"
            disabled={store.isPending}
            onClick={() => store.mutate(file)}
          >
            Import {count(look.data.interactions, 'interaction')}
          </button>
        </>
      )}
    </div>
  );
}

function Faults({ errors }: { readonly errors: readonly (Error | null)[] }) {
  return errors.map(
    (error, place) =>
      error && (
        <p key={place} className="error" role="alert">
          {wordsOf(error)}
        </p>
      ),
  );
}

/** The file as it is: its content says what it is. */
function send(catalog: string, file: File, dryRun: 'true' | 'false', onSent: (share: number) => void) {
  return ask(
    interactionsImport({
      client,
      fetch: sendingFile(file, onSent),
      path: { catalog },
      query: { dryRun },
      // The client knows rows; a file is sent as it is.
      body: file as never,
      bodySerializer: null,
      headers: { 'Content-Type': 'application/octet-stream' },
    }),
  );
}

function wordsOfStored({ stored, duplicates }: ImportedInteractions): string {
  const known = duplicates > 0 ? ` ${count(duplicates, 'row')} were there already.` : '';
  return `Stored ${count(stored, 'interaction')}.${known} Train a model next.`;
}

function Drop({ onChoose }: { readonly onChoose: (file: File | undefined) => void }) {
  const [isOver, setOver] = useState(false);
  const id = useId();
  return (
    <div
      className={`drop ${isOver ? 'drop-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onChoose(event.dataTransfer.files[0]);
      }}
    >
      <label htmlFor={id}>
        Drop a file here, or choose one. It is only read at first, and nothing is stored.
      </label>
      <input id={id} type="file" onChange={({ target }) => onChoose(target.files?.[0])} />
    </div>
  );
}
