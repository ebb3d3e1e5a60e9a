import { TurnTaking } from '#domain';
import type { ItemColumn } from '../items/item-column.js';
import { BestItems } from './best-items.js';
import type { Candidate } from './list.js';
import type { RankedList } from './ranked-list.js';

const DAY_MS = 86_400_000;
/** Items between two looks at the clock. */
const ITEMS_PER_STEP = 512;

interface DatedItem {
  readonly itemKey: number;
  readonly date: number;
}

/**
 * The newest items by their dates, in ms since 1970; ties go to the item that came first. The score is the
 * date in days, as a float32.
 */
export async function byDate(list: RankedList, dates: ItemColumn, size: number): Promise<Candidate[]> {
  const newest = new BestItems<DatedItem>(size, isBefore);
  const turns = new TurnTaking();
  const { numKeys } = list.catalog.items;
  for (let itemKey = 0; itemKey < numKeys; itemKey++) {
    if (itemKey % ITEMS_PER_STEP === 0) await turns.pause();
    const date = dates.value(itemKey);
    if (typeof date === 'number' && list.isOpen(itemKey)) newest.offer({ itemKey, date });
  }
  return newest
    .toSorted()
    .map(({ itemKey, date }) => ({ itemKey, score: Math.fround(date / DAY_MS), source: 'latest' }));
}

function isBefore(a: DatedItem, b: DatedItem): boolean {
  return a.date !== b.date ? a.date > b.date : a.itemKey < b.itemKey;
}
