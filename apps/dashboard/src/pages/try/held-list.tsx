import { useQueryState } from '../../app/use-route.js';
import { differenceOf, holding, LETTING_GO, swapped } from './held.js';
import type { ListAsk } from './list-ask.js';
import { ListPanel } from './list-panel.js';

interface HeldListProps {
  readonly catalog: string;
  readonly held: ListAsk;
  /** What the form asks for. */
  readonly asked: ListAsk;
}

/** The list of a request that stays as it is while the form makes another one. */
export function HeldList({ catalog, held, asked }: HeldListProps) {
  const [query, change] = useQueryState();
  return (
    <ListPanel {...{ catalog }} title="The held list" asked={held} hasFaults={false} isHeld>
      <p className="note">{differenceOf(held, asked)}.</p>
      <div className="actions">
        <button type="button" className="button button-small" onClick={() => change(swapped(query))}>
          Change this one instead
        </button>
        <button type="button" className="button button-small" onClick={() => change(LETTING_GO)}>
          Let it go
        </button>
      </div>
    </ListPanel>
  );
}

/** Keeps the list that is shown, to compare it with whatever the form makes next. */
export function HoldButton() {
  const [query, change] = useQueryState();
  return (
    <div className="actions">
      <button type="button" className="button button-small" onClick={() => change(holding(query))}>
        Hold this list beside the next
      </button>
    </div>
  );
}
