import { DomainError, type ErrorCode } from '@app/domain';
import type { LentModel } from '@app/models';
import type { ModelCalls } from './model-calls.js';

/** One call of a model, on its way to a thread. */
export interface ScoringTask {
  readonly model: LentModel;
  /** In shared memory: what a thread finds out, the others know. */
  readonly closeness: Float32Array;
  readonly name: keyof ModelCalls;
  readonly args: readonly unknown[];
}

/** An error loses its class on the way back. */
export type ScoringOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: ErrorCode | null; readonly detail: string };

export function failure(error: unknown): ScoringOutcome {
  const detail = error instanceof Error ? error.message : String(error);
  return { ok: false, code: error instanceof DomainError ? error.code : null, detail };
}

/** @throws DomainError, or Error, as the call did */
export function resultOf(outcome: ScoringOutcome): unknown {
  if (outcome.ok) return outcome.result;
  throw outcome.code ? new DomainError(outcome.code, outcome.detail) : new Error(outcome.detail);
}
