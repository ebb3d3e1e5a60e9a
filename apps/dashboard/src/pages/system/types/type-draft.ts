import type { InteractionType, InteractionTypePatch } from '@sparserec/client';

/** What is typed of an interaction type. An empty number of days: never. */
export interface Draft {
  readonly trainingWeight: string;
  readonly halfLifeDays: string;
  readonly positive: boolean;
  readonly excludesSeen: boolean;
  readonly repeatAfterDays: string;
  readonly repeats: InteractionType['repeats'];
}

export function draftOf(type: InteractionType): Draft {
  const { trainingWeight, halfLifeDays, positive, excludesSeen, repeatAfterDays, repeats } = type;
  return {
    ...{ positive, excludesSeen, repeats },
    trainingWeight: String(trainingWeight),
    halfLifeDays: String(halfLifeDays ?? ''),
    repeatAfterDays: String(repeatAfterDays ?? ''),
  };
}

/** The fields that were changed. The service says what is wrong with one. */
export function patchOf(base: InteractionType, draft: Draft): InteractionTypePatch {
  const daysOf = (text: string) => (text.trim() === '' ? null : Number(text));
  const typed = {
    trainingWeight: Number(draft.trainingWeight),
    halfLifeDays: daysOf(draft.halfLifeDays),
    positive: draft.positive,
    excludesSeen: draft.excludesSeen,
    repeatAfterDays: daysOf(draft.repeatAfterDays),
    repeats: draft.repeats,
  };
  const changed = Object.entries(typed).filter(([name, value]) => base[name as keyof typeof typed] !== value);
  return Object.fromEntries(changed);
}

const REPEATS: Readonly<Record<InteractionType['repeats'], string>> = {
  max: 'of repeats the largest weight',
  sum: 'the sum of repeats',
  newest: 'of repeats the newest',
};
export const REPEATS_RULES = Object.entries(REPEATS) as [InteractionType['repeats'], string][];

/** What it does, in words. */
export function wordsOfType(type: InteractionType): string {
  const { trainingWeight, halfLifeDays, positive, excludesSeen, repeatAfterDays, repeats } = type;
  return [
    positive ? `weight × ${trainingWeight}` : 'takes the item out of what the user likes',
    REPEATS[repeats],
    halfLifeDays === null ? 'for ever in full' : `half after ${daysIn(halfLifeDays)}`,
    excludesSeen
      ? repeatAfterDays === null
        ? 'out of the lists from then on'
        : `in lists again after ${daysIn(repeatAfterDays)}`
      : 'stays in the lists',
  ].join('; ');
}

function daysIn(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
