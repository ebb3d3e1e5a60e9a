import { useQueries, useQuery } from '@tanstack/react-query';
import { itemsGet, itemsList, usersList } from '@sparserec/client';
import { ask, client } from './ask.js';
import { useMay } from './queries.js';

const TITLE_MS = 300_000;
const NUM_FOUND = 8;

/** Somebody or something that was found. */
export interface Found {
  readonly id: string;
  readonly title: string | null;
}

export function useFoundUsers(catalog: string, search: string) {
  const may = useMay('people', catalog);
  return useQuery({
    queryKey: ['users', catalog, search],
    queryFn: async ({ signal }): Promise<Found[]> => {
      const query = { limit: NUM_FOUND, ...(search !== '' && { search }) };
      const { items } = await ask(usersList({ client, signal, path: { catalog }, query }));
      return items.map(({ userId }) => ({ id: userId, title: null }));
    },
    enabled: may,
  });
}

export function useFoundItems(catalog: string, search: string) {
  const may = useMay('read', catalog);
  return useQuery({
    queryKey: ['items', catalog, search],
    queryFn: async ({ signal }): Promise<Found[]> => {
      const query = { limit: NUM_FOUND, ...(search !== '' && { search }) };
      const { items } = await ask(itemsList({ client, signal, path: { catalog }, query }));
      return items.map(({ itemId, title }) => ({ id: itemId, title: title ?? null }));
    },
    enabled: may,
  });
}

/** Titles by id, of items that have one, as far as they are known. */
export function useTitles(catalog: string, ids: readonly string[]): ReadonlyMap<string, string> {
  const may = useMay('read', catalog);
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['title', catalog, id],
      queryFn: async () => (await ask(itemsGet({ client, path: { catalog, id } }))).title ?? null,
      staleTime: TITLE_MS,
      // Not that of another item, which had this place in the list before.
      placeholderData: () => undefined,
      enabled: may,
    })),
    combine: (results) =>
      new Map(
        results.flatMap(({ data }, place) =>
          typeof data === 'string' ? [[ids[place]!, data] as const] : [],
        ),
      ),
  });
}
