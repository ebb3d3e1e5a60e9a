import { DomainError, type ErrorCode } from '#domain';

/** What a call in another thread came to. An error would lose its class on the way back. */
export type ThreadOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: ErrorCode | null; readonly detail: string };

/** Makes the call, in the other thread. */
export async function settle<Value>(call: () => Value | Promise<Value>): Promise<ThreadOutcome<Value>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, code: error instanceof DomainError ? error.code : null, detail };
  }
}

/** What the call returned. @throws DomainError, or Error, as the call did */
export function unwrap<Value>(outcome: ThreadOutcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw outcome.code ? new DomainError(outcome.code, outcome.detail) : new Error(outcome.detail);
}
