import { useFoundItems, useTitles } from '../../api/lookups.js';
import { useQueryState } from '../../app/use-route.js';
import { Search } from '../../ui/forms/search.js';
import { freePlace, pinsInAddress, withPin, type Pin } from './list-ask.js';

interface PinFieldsProps {
  readonly catalog: string;
  readonly pins: readonly Pin[];
  readonly k: number;
}

/** Items that are answered at places of their own. */
export function PinFields({ catalog, pins, k }: PinFieldsProps) {
  const [, change] = useQueryState();
  const titles = useTitles(
    catalog,
    pins.map(({ itemId }) => itemId),
  );
  const set = (next: readonly Pin[]) => change({ pin: pinsInAddress(next) });
  return (
    <details className="fold" open={pins.length > 0 || undefined}>
      <summary>Pins</summary>
      <Search
        label="Pin an item to the first free place"
        placeholder="Title or id"
        useFound={(search) => useFoundItems(catalog, search)}
        onChoose={(itemId) => set(withPin(pins, { itemId, place: freePlace(pins) }))}
      />
      <ul className="stack">
        {pins.map((pin) => {
          const title = titles.get(pin.itemId) ?? pin.itemId;
          return (
            <li key={pin.itemId} className="beside">
              <input
                type="number"
                className="place"
                aria-label={`Place of ${title}`}
                min={1}
                max={k}
                value={pin.place}
                onChange={({ target }) => {
                  const place = Math.round(Number(target.value));
                  if (place >= 1) set(withPin(pins, { ...pin, place }));
                }}
              />
              <button
                type="button"
                className="chip"
                aria-label={`Unpin ${title}`}
                onClick={() => set(pins.filter(({ itemId }) => itemId !== pin.itemId))}
              >
                <bdi>{title}</bdi> <span aria-hidden="true">×</span>
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
