/** How long the answer to a call is kept for its `Idempotency-Key`. */
export const IDEMPOTENCY_HOURS = 24;

/** Printable ASCII. Spaces around the value of a header belong to HTTP. */
export const IDEMPOTENCY_KEY = /^(?=.{1,255}$)[!-~]([ -~]*[!-~])?$/;

/** The answer to a call, to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly location: string | null;
  /** JSON. */
  readonly body: string;
}
