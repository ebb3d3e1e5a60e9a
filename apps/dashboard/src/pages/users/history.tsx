import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { userInteractionsDelete, usersInteractionsOfUser, type StoredInteraction } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { useTitles } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { count, dateTime, score } from '../../ui/format.js';
import { Confirm } from '../../ui/forms/confirm.js';
import { Tick } from '../../ui/forms/tick.js';
import { Loaded, Panel } from '../../ui/panel.js';

const PAGE_ROWS = 50;

interface OfUser {
  readonly catalog: string;
  readonly id: string;
}

/** What a user did, the newest first; those that were no more than a mistake can be deleted. */
export function History({ catalog, id }: OfUser) {
  const history = useInfiniteQuery({
    queryKey: ['history', catalog, id],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: PAGE_ROWS, ...(pageParam !== '' && { cursor: pageParam }) };
      return ask(usersInteractionsOfUser({ client, signal, path: { catalog, id }, query }));
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: () => undefined,
  });
  return (
    <Panel title="What the user did last" asked={history}>
      <Loaded asked={history}>
        {({ pages }) => <Rows catalog={catalog} id={id} rows={pages.flatMap(({ items }) => items)} />}
      </Loaded>
      {history.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show older ones
        </button>
      )}
    </Panel>
  );
}

type Row = StoredInteraction;

/** Together they name one interaction of a user. */
function keyOf({ itemId, type, occurredAt }: Row): string {
  return JSON.stringify([itemId, type, occurredAt]);
}

function Rows({ catalog, id, rows }: OfUser & { readonly rows: readonly Row[] }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const may = useMay('write', catalog);
  const titles = useTitles(catalog, [...new Set(rows.map(({ itemId }) => itemId))]);
  const chosenRows = rows.filter((row) => chosen.has(keyOf(row)));
  if (rows.length === 0) return <p className="note">Nothing is stored.</p>;
  const toggle = (row: Row) => {
    const next = new Set(chosen);
    if (!next.delete(keyOf(row))) next.add(keyOf(row));
    setChosen(next);
  };
  const all = chosenRows.length === rows.length;
  return (
    <>
      <div className="actions">
        {may && (
          <Tick
            label="Choose all that are shown"
            value={all}
            onChange={() => setChosen(new Set(all ? [] : rows.map(keyOf)))}
          />
        )}
        {chosenRows.length > 0 && <Delete catalog={catalog} id={id} rows={chosenRows} />}
        <SaveTable
          name={`${catalog}-history`}
          columns={['userId', 'itemId', 'type', 'weight', 'occurredAt']}
          rows={rows.map((row) => [row.userId, row.itemId, row.type, row.weight, row.occurredAt])}
        />
      </div>
      <ul className="rows">
        {rows.map((row) => (
          <HistoryRow
            key={keyOf(row)}
            {...{ catalog, row }}
            title={titles.get(row.itemId) ?? row.itemId}
            isChosen={chosen.has(keyOf(row))}
            onChoose={may ? () => toggle(row) : null}
          />
        ))}
      </ul>
    </>
  );
}

interface HistoryRowProps {
  readonly catalog: string;
  readonly row: Row;
  readonly title: string;
  readonly isChosen: boolean;
  /** Null where nothing can be done with it. */
  readonly onChoose: (() => void) | null;
}

function HistoryRow({ catalog, row, title, isChosen, onChoose }: HistoryRowProps) {
  const { itemId, type, weight, occurredAt } = row;
  return (
    <li className="row">
      {onChoose && (
        <input
          type="checkbox"
          aria-label={`Choose ${type} of ${title}, ${dateTime(occurredAt)}`}
          checked={isChosen}
          onChange={onChoose}
        />
      )}
      <span className="row-main">
        <PageLink catalog={catalog} page="items" query={{ item: itemId }}>
          <bdi>{title}</bdi>
        </PageLink>
      </span>
      <span className="row-note">
        <bdi>{type}</bdi>
        {weight !== 1 && ` × ${score(weight)}`}, {dateTime(occurredAt)}
      </span>
    </li>
  );
}

function Delete({ catalog, id, rows }: OfUser & { readonly rows: readonly Row[] }) {
  const queries = useQueryClient();
  const remove = async () => {
    try {
      for (const { itemId, type, occurredAt } of rows) {
        const query = { itemId, type, occurredAt };
        await ask(userInteractionsDelete({ client, path: { catalog, id }, query }));
      }
    } finally {
      await queries.invalidateQueries();
    }
  };
  return (
    <Confirm
      action={`Delete ${count(rows.length, 'interaction')}`}
      title="Delete what the user did?"
      run={remove}
      words={
        <>
          {count(rows.length, 'interaction')} of “<bdi>{id}</bdi>” {rows.length === 1 ? 'is' : 'are'} gone for
          good. The next list knows, and an item of which none is left counts as not seen. Models follow with
          their next training.
        </>
      }
    />
  );
}
