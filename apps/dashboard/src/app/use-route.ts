import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { addressOf, parseRoute, type Route } from './route.js';

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

export type Change = Readonly<Record<string, string | readonly string[] | null>>;

/** The query of the address, and what changes it without a step that "back" would have to go through. */
export function useQueryState(): readonly [URLSearchParams, (change: Change) => void] {
  const { query } = useRoute();
  const change = useCallback((fields: Change) => {
    // As it is now, which may be newer than what was drawn.
    const { catalog, page, query: current } = parseRoute(location.hash);
    for (const [name, value] of Object.entries(fields)) {
      current.delete(name);
      for (const one of [value ?? []].flat()) if (one !== '') current.append(name, one);
    }
    history.replaceState(null, '', addressOf(catalog, page, current));
    dispatchEvent(new HashChangeEvent('hashchange'));
  }, []);
  return [query, change];
}
