import { useMemo, useRef, type ReactNode } from 'react';
import type { RecommendationReply } from '@sparserec/client';
import { wordsOf } from '../../api/ask.js';
import { useModels } from '../../api/queries.js';
import { dateTime } from '../../ui/format.js';
import { Panel } from '../../ui/panel.js';
import type { ListAsk } from './list-ask.js';
import { useList } from './list-query.js';
import { ListView } from './list-view.js';
import { movesOf } from './moves.js';

interface ListPanelProps {
  readonly catalog: string;
  readonly title: string;
  readonly asked: ListAsk;
  /** Whether a field of the form says what is wrong with the request. */
  readonly hasFaults: boolean;
  /** The list that its items have moved from; absent: the list before the last change. */
  readonly against?: RecommendationReply | undefined;
  /** Nothing in it is moved, or changes the request. */
  readonly isHeld?: boolean;
  /** Above the list. */
  readonly children?: ReactNode;
}

/** A list, and how it differs from another one. While a request is wrong, the list before it stays. */
export function ListPanel(props: ListPanelProps) {
  const { catalog, title, asked, hasFaults, against, isHeld = false, children } = props;
  const list = useList(catalog, asked);
  const { now, before } = useLists(list, asked);
  const other = isHeld ? undefined : (against ?? before);
  const moves = useMemo(() => other && now && movesOf(idsOf(other), idsOf(now)), [other, now]);
  const isWaiting = list.isPlaceholderData || (list.isPending && list.fetchStatus === 'fetching');
  const { error } = list;
  return (
    <Panel title={title} asked={list} aside={<Maker catalog={catalog} list={now} />}>
      {children}
      <div className={isWaiting ? 'waiting' : ''} aria-busy={isWaiting}>
        {error && !hasFaults && (
          <p className="note note-bad" role="alert">
            {wordsOf(error)}
          </p>
        )}
        {now && <ListView {...{ catalog }} asked={isHeld ? null : asked} list={now} moves={moves ?? null} />}
        {!now && !error && (
          <p className="note">{isWaiting ? 'Loading …' : 'The filter has to be mended first.'}</p>
        )}
      </div>
    </Panel>
  );
}

interface Lists {
  readonly subject: string;
  readonly now: RecommendationReply | undefined;
  readonly before: RecommendationReply | undefined;
}

/** The list of now, and the one before it for the same user or kind of basket. */
function useLists(
  { data, error, isPlaceholderData }: ReturnType<typeof useList>,
  asked: ListAsk,
): Partial<Lists> {
  const subject = JSON.stringify([asked.kind, asked.user]);
  const lists = useRef<Lists | null>(null);
  if (data && !isPlaceholderData && lists.current?.now !== data) {
    const isSame = lists.current?.subject === subject;
    lists.current = { subject, now: data, before: isSame ? lists.current?.now : undefined };
  }
  // Where a call fails, the list of somebody else is none for this one.
  const isOfOther = lists.current?.subject !== subject;
  return isOfOther && error ? {} : (lists.current ?? {});
}

/** The model that has made a list. */
function Maker({
  catalog,
  list,
}: {
  readonly catalog: string;
  readonly list: RecommendationReply | undefined;
}) {
  const models = useModels(catalog).data?.items ?? [];
  const model = models.find(({ id }) => id === list?.modelId);
  if (!list) return null;
  if (!model) return list.modelId === null ? 'without a model' : null;
  return (
    <>
      by <strong>{model.kind}</strong> of {dateTime(model.createdAt)}
    </>
  );
}

function idsOf({ items }: RecommendationReply): string[] {
  return items.map(({ itemId }) => itemId);
}
