import { useMemo } from 'react';
import type { RecommendationReply } from '@sparserec/client';
import { useTitles } from '../../api/lookups.js';
import { count } from '../../ui/format.js';
import type { ListAsk } from './list-ask.js';
import { ListRow } from './list-row.js';
import type { Move } from './moves.js';
import { isOfModel, reachOf } from './parts.js';

interface ListViewProps {
  readonly catalog: string;
  /** Null: nobody changes it here. */
  readonly asked: ListAsk | null;
  readonly list: RecommendationReply;
  readonly moves: ReadonlyMap<string, Move> | null;
}

/** A list as it was answered. */
export function ListView({ catalog, asked, list, moves }: ListViewProps) {
  const { items, reason, unknownItems = [] } = list;
  const pastIds = useMemo(
    () => [...new Set(items.flatMap(({ because = [] }) => because.map(({ itemId }) => itemId)))].sort(),
    [items],
  );
  const titles = useTitles(catalog, pastIds);
  const reach = Math.max(
    ...items
      .filter(isOfModel)
      .map(({ because = [], baseScore, score }) => reachOf(because, baseScore ?? score)),
    0,
  );
  return (
    <>
      {unknownItems.length > 0 && (
        <p className="note">
          The catalog does not have <bdi>{unknownItems.join(', ')}</bdi>.
        </p>
      )}
      <ol className="list" aria-label={count(items.length, 'item')}>
        {items.map((item, n) => (
          <ListRow
            key={item.itemId}
            move={moves?.get(item.itemId)}
            place={n + 1}
            {...{ item, asked, reach, titles }}
          />
        ))}
      </ol>
      {reason !== undefined && <p className="note">{wordsOfReason(reason, items.length)}</p>}
    </>
  );
}

const AFTER: readonly (readonly [RegExp, string])[] = [
  [/no-model/, 'there is no model yet'],
  [/item-not-in-model/, 'the model does not have the item'],
  [/exist$/, 'the catalog has no more items'],
  [/left-unseen$/, 'the user or basket has the others already'],
  [/left-after-exclude$/, 'the others are excluded'],
  [/left-after-filter$/, 'no other item meets the filter'],
  [/left-after-boost$/, 'the boost makes no score of the others'],
  [/left-after-min-score$/, 'the others have a lower score'],
];

/** Why a list is short, as the service says it. */
function wordsOfReason(reason: string, length: number): string {
  const cause = AFTER.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
  return `${length === 0 ? 'No item' : `Only ${count(length, 'item')}`}: ${cause}.`;
}
