import { AsyncLocalStorage } from 'node:async_hooks';
import { currentTraceId } from './spans.js';

/** What ties a line of the log to the request that led to it, and to its trace. */
export interface LogNames {
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
}

const names = new AsyncLocalStorage<LogNames>();

/**
 * All lines that `work` writes, and what it starts, have these names. From its first use on every
 * promise of the process costs more, so that an API names its few lines itself.
 */
export function withLogNames<T>(given: LogNames, work: () => T): T {
  return names.run(given, work);
}

/** Of the line that is being written. */
export function logNames(): LogNames {
  const given = names.getStore();
  const traceId = currentTraceId() ?? given?.traceId;
  return { ...given, ...(traceId !== undefined && { traceId }) };
}
