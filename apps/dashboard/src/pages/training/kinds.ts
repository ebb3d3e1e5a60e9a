import type { StartTrainingRun } from '@sparserec/client';

export type Kind = StartTrainingRun['model'];

/** Each kind of model, for who has to choose one. */
export const KINDS: Readonly<Record<Kind, string>> = {
  ease: 'One matrix of items by items, in closed form. The best choice up to some ten thousand items.',
  spectral: 'The strongest patterns of the matrix, by a truncated SVD (GF-CF, ChebyCF). Fast on sparse data.',
  blend: 'ease and spectral in one: often the most accurate, and twice the work.',
  ials: 'Vectors of users and items by alternating least squares. Small, also with very many items.',
  lightgcl: 'Vectors learned on the graph of users and items, in epochs. The slowest to train.',
  'item-knn': 'Items that the same people have, by cosine. Simple, and easy to explain.',
  popularity: 'What most people have, the same for everybody. What the others have to beat.',
};

/** Parameters as they were typed; null for what is no object. */
export function parametersOf(typed: string): NonNullable<StartTrainingRun['parameters']> | null {
  if (typed.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(typed);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    // The service says what is wrong with the members.
    return isObject ? (value as NonNullable<StartTrainingRun['parameters']>) : null;
  } catch {
    return null;
  }
}
