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

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}
