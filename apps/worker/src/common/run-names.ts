import type { RunOrigin } from '#domain';
import { traceIdOf, withLogNames } from '#tracing';

/** All lines of the log that `work` writes name the request that asked for the run, and its trace. */
export function withRunNames<T>({ requestId, traceParent }: Partial<RunOrigin>, work: () => T): T {
  return withLogNames({ requestId: requestId ?? undefined, traceId: traceIdOf(traceParent) }, work);
}
