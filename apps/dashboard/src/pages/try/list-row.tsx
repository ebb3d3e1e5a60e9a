import type { RecommendedItem } from '@sparserec/client';
import { useQueryState } from '../../app/use-route.js';
import { Explained } from '../../ui/explained.js';
import { score as inDigits } from '../../ui/format.js';
import { pinsInAddress, withPin, type ListAsk } from './list-ask.js';
import { wordsOfMove, type Move } from './moves.js';
import { bySize, isOfModel } from './parts.js';
import { ScoreBar } from './score-bar.js';

interface RowProps {
  readonly item: RecommendedItem;
  /** In the list, from 1. */
  readonly place: number;
  /** Null: nobody changes it here. */
  readonly asked: ListAsk | null;
  readonly reach: number;
  readonly move: Move | undefined;
  readonly titles: ReadonlyMap<string, string>;
}

const SOURCES: Readonly<Record<RecommendedItem['source'], string>> = {
  model: 'The model has put it here by the history or basket.',
  tags: 'The model has never seen it: its score is that of items with the same tags.',
  popular: 'It fills the list up, by the number of users who have it.',
  catalogue: 'It fills the list up: a new item, with score 0.',
  pinned: 'The request has pinned it to this place.',
  latest: 'It is one of the newest items.',
};
const MOST_TAGS = 4;

/** One item of a list, with its score and the reasons for it. */
export function ListRow({ item, place, asked, reach, move, titles }: RowProps) {
  const { itemId, title, tags = [], score, source, because = [] } = item;
  const sum = item.baseScore ?? score;
  return (
    <li className="list-row">
      <div className="list-item">
        <strong className="list-title">
          <bdi>{title ?? itemId}</bdi>
        </strong>
        {move !== undefined && <MoveMark move={move} />}
        <span className="tags">
          {title !== undefined && <bdi className="item-id">{itemId}</bdi>}
          {tags.slice(0, MOST_TAGS).map((tag) => (
            <bdi key={tag} className="tag">
              {tag}
            </bdi>
          ))}
          {tags.length > MOST_TAGS && <span>and {tags.length - MOST_TAGS} more</span>}
        </span>
      </div>
      <div className="list-score">
        {isOfModel(item) ? <ScoreBar parts={because} score={sum} reach={reach} /> : <span />}
        <span className="score-value">{inDigits(score)}</span>
        <Explained meaning={SOURCES[source]} className="source">
          {source}
        </Explained>
      </div>
      <Reasons {...{ item, place, asked, titles }} />
    </li>
  );
}

function MoveMark({ move }: { readonly move: Move }) {
  if (move === 0) return null;
  const isUp = move === 'new' || move > 0;
  return (
    <Explained meaning={`It ${wordsOfMove(move)}.`} className={`move ${isUp ? 'move-up' : 'move-down'}`}>
      {move === 'new' ? 'new' : `${move > 0 ? '▲' : '▼'} ${Math.abs(move)}`}
    </Explained>
  );
}

interface ReasonsProps {
  readonly item: RecommendedItem;
  readonly place: number;
  readonly asked: ListAsk | null;
  readonly titles: ReadonlyMap<string, string>;
}

const NAMED = 2;

/** Why an item is there: the past items that made its score, each with its part. */
function Reasons({ item, place, asked, titles }: ReasonsProps) {
  const { because = [], itemId, baseScore, score } = item;
  const [, change] = useQueryState();
  const never = asked && <ItemActions {...{ itemId, place, asked }} />;
  if (because.length === 0) return <div className="reasons">{never}</div>;
  const parts = bySize(because);
  const raising = parts.filter(({ part }) => part > 0).slice(0, NAMED);
  const most = Math.abs(parts[0]!.part);
  const total = baseScore ?? score;
  return (
    <details className="reasons">
      <summary>
        Because of{' '}
        {raising.map(({ itemId: id }, place) => (
          <span key={id}>
            {place > 0 && ', '}
            <bdi>{titles.get(id) ?? id}</bdi>
          </span>
        ))}
        {parts.length > raising.length && ` and ${parts.length - raising.length} more`}
      </summary>
      <ul className="parts">
        {parts.map(({ itemId: id, part }) => (
          <li key={id}>
            <bdi className="part-name">{titles.get(id) ?? id}</bdi>
            <span className="part-bar" aria-hidden="true">
              <span
                className={part > 0 ? 'part-raises' : 'part-lowers'}
                style={{ width: `${(Math.abs(part) / most) * 100}%` }}
              />
            </span>
            <span className="part-value">{inDigits(part)}</span>
            {asked && (
              <button
                type="button"
                className="link-button"
                aria-label={`without it: ${titles.get(id) ?? id}`}
                onClick={() => change({ without: [...new Set([...asked.without, id])] })}
              >
                without it
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="note">
        The parts sum to {inDigits(total)}
        {baseScore !== undefined && baseScore !== score && `, and the request makes ${inDigits(score)} of it`}
        . {never}
      </p>
    </details>
  );
}

interface ItemActionsProps {
  readonly itemId: string;
  readonly place: number;
  readonly asked: ListAsk;
}

/** What one may want of an item of the list. */
function ItemActions({ itemId, place, asked }: ItemActionsProps) {
  const [, change] = useQueryState();
  const isPinned = asked.pins.some((pin) => pin.itemId === itemId);
  return (
    <>
      <button
        type="button"
        className="link-button"
        onClick={() => change({ exclude: [...new Set([...asked.exclude, itemId])] })}
      >
        Never answer it
      </button>
      {!isPinned && (
        <>
          {' · '}
          <button
            type="button"
            className="link-button"
            onClick={() => change({ pin: pinsInAddress(withPin(asked.pins, { itemId, place })) })}
          >
            Pin it here
          </button>
        </>
      )}
    </>
  );
}
