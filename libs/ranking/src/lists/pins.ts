import type { SparseVector } from '#models';
import { BaseScores } from './boosted-ranking.js';
import type { RankedList } from './ranked-list.js';

/**
 * Puts the pins of a list that is full otherwise on their places, with the scores that they
 * have all the same.
 */
export async function placePins(list: RankedList, history: SparseVector): Promise<void> {
  const { boost, rotation } = list.options;
  const scores = await BaseScores.of(list, history);
  for (const pin of list.pins) {
    const { baseScore, popularity } = scores.of(pin.itemKey);
    const boosted = boost?.evaluate(pin.itemKey, baseScore, Math.max(0, popularity)) ?? baseScore;
    const whole = Number.isFinite(boosted) ? boosted : 0;
    const score = rotation?.rescore(pin.itemKey, whole) ?? whole;
    const isChanged = boost !== undefined || score !== whole;
    list.place(pin, { itemKey: pin.itemKey, score, source: 'pinned', ...(isChanged && { baseScore }) });
  }
}
