import { useMemo, useState } from 'react';
import { addressOf } from '../../../app/route.js';
import { Loaded } from '../../../ui/panel.js';
import { closenessOf, type Scores } from './closeness.js';
import { layOut, type Point } from './layout.js';
import { useScores, type NeighbourhoodAsk } from './use-scores.js';

interface ItemMapProps extends NeighbourhoodAsk {
  readonly items: readonly { readonly itemId: string; readonly score: number; readonly title?: string }[];
}

/** What is like an item on a plane: near each other is what goes with the same items. */
export function ItemMap(props: ItemMapProps) {
  const scores = useScores(props);
  return (
    <div className="map-place">
      <Loaded asked={scores}>{(found) => <Plane {...props} scores={found} />}</Loaded>
    </div>
  );
}

const HELP = 'The filled point is the item itself. Near each other is what goes with the same items.';

function Plane({ catalog, items, scores }: ItemMapProps & { readonly scores: Scores }) {
  const [own, ...places] = useMemo(() => layOut(closenessOf(scores)), [scores]);
  const [shown, show] = useState<string | null>(null);
  return (
    <>
      <div className="map">
        <span className="map-point map-own" style={styleOf(own!)} aria-hidden="true" />
        <ol className="map-points" aria-label="Map, by number in the list">
          {items.map(({ itemId, title }, n) => {
            const name = title ?? itemId;
            const listeners = { onFocus: () => show(name), onPointerEnter: () => show(name) };
            return (
              <li key={itemId}>
                <a
                  className="map-point"
                  style={styleOf(places[n]!)}
                  href={addressOf(catalog, 'items', new URLSearchParams({ item: itemId }))}
                  aria-label={`${n + 1} ${name}`}
                  {...listeners}
                >
                  {n + 1}
                </a>
              </li>
            );
          })}
        </ol>
      </div>
      <p className="note map-words">{shown === null ? HELP : <bdi>{shown}</bdi>}</p>
    </>
  );
}

function styleOf({ x, y }: Point) {
  return { left: `${x * 100}%`, top: `${y * 100}%` };
}
