import { keepPreviousData, QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import {
  activityOfCatalog,
  activityOfItem,
  callerGet,
  catalogsList,
  healthReady,
  metricsRead,
  modelKindsList,
  modelsList,
  processesList,
  schedulesList,
  trainingRunsList,
  usageMeasure,
  type Caller,
  type TrainingRun,
} from '@sparserec/client';
import { ask, client, ServiceAway } from './ask.js';
import { isFollowed, isGoing, noteEpoch } from './followed-runs.js';
import { noteMetrics } from './rates.js';
import { session, type Session } from './session.js';

/** Numbers are asked for so often; older ones say their age. */
export const POLL_MS = 4_500;
/** Whether the service is there at all. With five polls that is less than two requests a second. */
const HEALTH_MS = 1_250;
const HEALTH_LIMIT_MS = 1_500;
const USAGE_MS = 60_000;
const MOST_RUNS = 50;
/** While a run is going on, somebody looks at how far it is. */
const GOING_MS = 1_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    // The health query knows when asking again makes sense; it works on a machine without a network too.
    queries: {
      retry: false,
      networkMode: 'always',
      refetchOnWindowFocus: true,
      placeholderData: keepPreviousData,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

export function useSession(): Session {
  return useSyncExternalStore(session.subscribe, session.get);
}

/** Whether the process that answers can do its work. */
export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: () => ask(healthReady({ client, signal: AbortSignal.timeout(HEALTH_LIMIT_MS) })),
    refetchInterval: HEALTH_MS,
  });
}

/** As soon as the service is back, or has let the caller in, everything is asked for anew. */
export function useFreshAfterFaults(): void {
  const health = useHealth();
  const { key, refusal } = useSession();
  const queries = useQueryClient();
  const isWell = health.isSuccess && refusal === null;
  const was = useRef({ isWell, key });
  useEffect(() => {
    const predicate = ({ queryKey }: { readonly queryKey: readonly unknown[] }) => queryKey[0] !== 'health';
    // What one caller was shown is not for the next one.
    if (key !== was.current.key) void queries.resetQueries({ predicate });
    else if (isWell && !was.current.isWell) void queries.invalidateQueries({ predicate });
    was.current = { isWell, key };
  }, [isWell, key, queries]);
}

/**
 * Whom the service does not know, such as somebody with a key that has ended, the health tells less: then the
 * page asks who it is, and is told at once why it is let in no longer.
 */
export function useNoticedEndOfKey(): void {
  const { data } = useHealth();
  const { refusal } = useSession();
  const queries = useQueryClient();
  const isStranger = refusal === null && data !== undefined && data.database === undefined;
  useEffect(() => {
    if (isStranger) void queries.invalidateQueries({ queryKey: ['caller'] });
  }, [isStranger, queries]);
}

export function isAway(error: unknown): boolean {
  return error instanceof ServiceAway || error instanceof DOMException;
}

export function useCaller() {
  const { key } = useSession();
  return useQuery({ queryKey: ['caller', key], queryFn: () => ask(callerGet({ client })) });
}

type Scope = Caller['scopes'][number];

/** Whether the caller may make calls of a scope for a catalog; false while it is not known. */
export function useMay(scope: Scope, catalog: string | null): boolean {
  const { data } = useCaller();
  if (!data) return false;
  const { scopes, catalogs } = data;
  const isForCatalog = catalogs === null || (catalog !== null && catalogs.includes(catalog));
  return isForCatalog && (scopes.includes(scope) || scopes.includes('admin'));
}

export function useCatalogs() {
  return useQuery({
    queryKey: ['catalogs'],
    queryFn: () => ask(catalogsList({ client })),
    refetchInterval: POLL_MS,
  });
}

/** The newest first. */
export function useModels(catalog: string) {
  return useQuery({
    queryKey: ['models', catalog],
    queryFn: () => ask(modelsList({ client, path: { catalog }, query: { limit: MOST_RUNS } })),
    refetchInterval: POLL_MS,
    enabled: useMay('read', catalog),
  });
}

/** Writes what was told of a run beside the others. */
export function noteRun(queries: QueryClient, catalog: string, run: TrainingRun): void {
  queries.setQueryData<{ readonly items: TrainingRun[] }>(
    ['runs', catalog],
    (known) => known && { ...known, items: known.items.map((one) => (one.id === run.id ? run : one)) },
  );
  if (isGoing(run)) return;
  for (const name of ['models', 'schedules']) void queries.invalidateQueries({ queryKey: [name, catalog] });
}

/** Whether a run is going on of which nobody tells by itself. */
function isAskedFor(run: TrainingRun): boolean {
  return isGoing(run) && !isFollowed(run.id);
}

/** The newest first. */
export function useRuns(catalog: string) {
  return useQuery({
    queryKey: ['runs', catalog],
    queryFn: async () => {
      const runs = await ask(trainingRunsList({ client, path: { catalog }, query: { limit: MOST_RUNS } }));
      runs.items.filter(isGoing).forEach(noteEpoch);
      return runs;
    },
    refetchInterval: ({ state }) => (state.data?.items.some(isAskedFor) ? GOING_MS : POLL_MS),
    enabled: useMay('read', catalog),
  });
}

export function useSchedules(catalog: string) {
  return useQuery({
    queryKey: ['schedules', catalog],
    queryFn: () => ask(schedulesList({ client, path: { catalog }, query: { limit: MOST_RUNS } })),
    refetchInterval: POLL_MS,
    enabled: useMay('read', catalog),
  });
}

/** They change with the version of the service alone. */
export function useModelKinds() {
  return useQuery({
    queryKey: ['model-kinds'],
    queryFn: () => ask(modelKindsList({ client })),
    staleTime: Infinity,
  });
}

/** Measured anew at each call, so not often. */
export function useUsage(catalog: string) {
  return useQuery({
    queryKey: ['usage', catalog],
    queryFn: () => ask(usageMeasure({ client, path: { catalog } })),
    refetchInterval: USAGE_MS,
    staleTime: USAGE_MS / 2,
    enabled: useMay('read', catalog),
  });
}

const DAYS = 90;

/** Interactions by day, of a catalog or of one of its items: counted at each call, so not often. */
export function useActivity(catalog: string, itemId?: string) {
  const query = { days: DAYS };
  return useQuery({
    queryKey: ['activity', catalog, itemId ?? null],
    queryFn: ({ signal }) =>
      ask(
        itemId === undefined
          ? activityOfCatalog({ client, signal, path: { catalog }, query })
          : activityOfItem({ client, signal, path: { catalog, id: itemId }, query }),
      ),
    refetchInterval: USAGE_MS,
    staleTime: USAGE_MS / 2,
    placeholderData: () => undefined,
    enabled: useMay('read', catalog),
  });
}

/** Rates of the process that answers, as long as this page has looked. */
export function useRates() {
  return useQuery({
    queryKey: ['metrics'],
    queryFn: async () => noteMetrics(await ask(metricsRead({ client })), Date.now()),
    refetchInterval: POLL_MS,
    enabled: useMay('metrics', null),
  });
}

/** API processes and workers that are there. @param everyMs how often they are looked for */
export function useProcesses(everyMs = POLL_MS) {
  return useQuery({
    queryKey: ['processes'],
    queryFn: () => ask(processesList({ client })),
    refetchInterval: everyMs,
    enabled: useMay('metrics', null),
  });
}
