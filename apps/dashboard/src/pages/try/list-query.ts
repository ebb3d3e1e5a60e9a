import { useQuery } from '@tanstack/react-query';
import {
  recommendationsForBasket,
  recommendationsForUser,
  type RecommendationReply,
} from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { bodyOf, faultOfFilter, isAsked, queryOf, type ListAsk } from './list-ask.js';

/** The list that is asked for, as soon as it can be. */
export function useList(catalog: string, asked: ListAsk) {
  const explains = useMay('people', catalog);
  return useQuery({
    queryKey: ['list', catalog, asked, explains],
    queryFn: ({ signal }) => listOf(catalog, asked, { explains, signal }),
    enabled: isAsked(asked) && faultOfFilter(asked.filter) === null,
    // A list is asked for when somebody changes something; none is out of date by itself.
    staleTime: Infinity,
  });
}

/** For who looks: what is tried here counts for no model, no rotation and no metric. */
function listOf(
  catalog: string,
  asked: ListAsk,
  { explains, signal }: { readonly explains: boolean; readonly signal: AbortSignal },
): Promise<RecommendationReply> {
  if (asked.kind === 'user')
    return ask(
      recommendationsForUser({
        ...{ client, signal },
        path: { catalog, id: asked.user },
        query: { ...queryOf(asked, explains), preview: 'true' },
      }),
    );
  const body = { ...bodyOf(asked), preview: true };
  return ask(recommendationsForBasket({ client, signal, path: { catalog }, body }));
}
