import type { InteractionType } from '@sparserec/client';
import { draftOf, patchOf, wordsOfType } from '../src/pages/system/types/type-draft.js';

const PLAIN: InteractionType = {
  name: 'view',
  trainingWeight: 1,
  halfLifeDays: null,
  positive: true,
  excludesSeen: true,
  repeatAfterDays: null,
  repeats: 'max',
  etag: '"x"',
};

describe('the form of an interaction type', () => {
  it('sends what was changed alone, and no days as never', () => {
    const aged = { ...PLAIN, halfLifeDays: 30 };
    expect(patchOf(aged, draftOf(aged))).toEqual({});
    const typed = { ...draftOf(aged), halfLifeDays: ' ', trainingWeight: '0.5', positive: false };
    expect(patchOf(aged, typed)).toEqual({ halfLifeDays: null, trainingWeight: 0.5, positive: false });
  });

  it('says in words what a type does', () => {
    expect(wordsOfType(PLAIN)).toBe(
      'weight × 1; of repeats the largest weight; for ever in full; out of the lists from then on',
    );
    expect(
      wordsOfType({ ...PLAIN, positive: false, halfLifeDays: 1, repeatAfterDays: 30, repeats: 'sum' }),
    ).toBe(
      'takes the item out of what the user likes; the sum of repeats; half after 1 day; in lists again after 30 days',
    );
  });
});
