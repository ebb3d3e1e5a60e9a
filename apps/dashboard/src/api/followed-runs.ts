import { useEffect } from 'react';
import { trainingRunsFollow, type TrainingRun } from '@sparserec/client';
import { client } from './ask.js';

/** Of a run's epochs, in the order in which they were told. */
export type Epoch = NonNullable<TrainingRun['epoch']>;

/** By the run, what ends the following of it. */
const followed = new Map<string, AbortSignal>();
const epochs = new Map<string, readonly Epoch[]>();
/** Of runs that are long over nobody looks at the curve. */
const MOST_CURVES = 20;

export function isGoing({ status }: Pick<TrainingRun, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** Whether the service tells of a run by itself, so that nobody has to ask. */
export function isFollowed(runId: string): boolean {
  return followed.has(runId);
}

/** The epochs of a run that this page has been told of. */
export function epochsOf(runId: string): readonly Epoch[] {
  return epochs.get(runId) ?? [];
}

/** Remembers the epoch that a run is at. */
export function noteEpoch({ id, epoch }: Pick<TrainingRun, 'id' | 'epoch'>): void {
  if (!epoch) return;
  const known = epochsOf(id);
  const last = known.at(-1);
  if (last && last.epoch === epoch.epoch && last.phase === epoch.phase) return;
  epochs.delete(id);
  epochs.set(id, [...known, epoch]);
  for (const oldest of [...epochs.keys()].slice(0, -MOST_CURVES)) epochs.delete(oldest);
}

/**
 * Follows a run while it goes on and somebody looks, by server-sent events: read by `fetch`, since an
 * `EventSource` cannot send a key. When the stream ends before the run does, the page asks as it did before.
 */
export function useFollowed(catalog: string, run: TrainingRun, onChange: (run: TrainingRun) => void): void {
  const { id } = run;
  const goes = isGoing(run);
  useEffect(() => {
    if (!goes) return undefined;
    let stop = new AbortController();
    const start = () => {
      stop.abort();
      stop = new AbortController();
      if (!document.hidden) void follow({ catalog, id, signal: stop.signal }, onChange);
    };
    start();
    document.addEventListener('visibilitychange', start);
    return () => {
      document.removeEventListener('visibilitychange', start);
      stop.abort();
    };
    // `onChange` only writes to the cache of answers, whichever of them it is.
  }, [catalog, id, goes]);
}

interface Following {
  readonly catalog: string;
  readonly id: string;
  readonly signal: AbortSignal;
}

async function follow({ catalog, id, signal }: Following, onChange: (run: TrainingRun) => void) {
  const { stream } = await trainingRunsFollow({
    ...{ client, signal, path: { catalog, id } },
    sseMaxRetryAttempts: 1,
  });
  try {
    for await (const event of stream) {
      if (signal.aborted) return;
      const run = event as unknown as TrainingRun;
      followed.set(id, signal);
      noteEpoch(run);
      onChange(run);
    }
  } finally {
    if (followed.get(id) === signal) followed.delete(id);
  }
}
