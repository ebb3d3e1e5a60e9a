import { useQuery } from '@tanstack/react-query';
import { recommendationsForMany } from '@sparserec/client';
import { ask, client } from '../../../api/ask.js';
import { scoresOf, type Neighbourhood } from './scores.js';

export interface NeighbourhoodAsk extends Neighbourhood {
  readonly catalog: string;
  readonly modelId: string | null;
}

/** How much the items of a neighbourhood speak for one another, the item itself first: one call for all. */
export function useScores({ catalog, modelId, itemId, items }: NeighbourhoodAsk) {
  const ids = items.map((one) => one.itemId);
  return useQuery({
    queryKey: ['scores-among', catalog, modelId, itemId, items],
    queryFn: async ({ signal }) => {
      const filter = { itemId: { in: [itemId, ...ids] } };
      const requests = ids.map((id) => ({ items: [{ itemId: id }], k: ids.length, filter, preview: true }));
      const call = { client, signal, path: { catalog }, body: { requests }, parseAs: 'text' as const };
      const lines = (await ask<unknown>(recommendationsForMany(call))) as string;
      return scoresOf({ itemId, items }, lines);
    },
    // The same model says the same again.
    staleTime: Infinity,
    placeholderData: () => undefined,
    enabled: ids.length > 0,
  });
}
