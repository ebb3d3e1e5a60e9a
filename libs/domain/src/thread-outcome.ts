import { DomainError, type ErrorCode } from './errors.js';

/** What a call in another thread came to. An error would lose its class on the way back. */
export type ThreadOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: ErrorCode | null; readonly detail: string; readonly stack?: string };

/** Makes the call, in the other thread. */
export async function settle<Value>(call: () => Value | Promise<Value>): Promise<ThreadOutcome<Value>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    const code = error instanceof DomainError ? error.code : null;
    if (!(error instanceof Error)) return { ok: false, code, detail: String(error) };
    const { message: detail, stack } = error;
    return { ok: false, code, detail, ...(stack !== undefined && { stack }) };
  }
}

/** What the call returned. @throws DomainError, or Error, as the call did, with the stack of that */
export function unwrap<Value>(outcome: ThreadOutcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  const { code, detail, stack } = outcome;
  const error = code ? new DomainError(code, detail) : new Error(detail);
  if (stack !== undefined) error.stack = stack;
  throw error;
}
