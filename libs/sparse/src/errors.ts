/** A refused call of the sparse library; nothing was computed. */
export class SparseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Dimensions, indices or values do not belong together. */
export class ShapeError extends SparseError {}

/** The memory that a call needs is more than there may be. */
export class CapacityExceededError extends SparseError {
  constructor(
    readonly neededBytes: number,
    readonly limitBytes: number,
  ) {
    super(`${neededBytes} bytes are needed, ${limitBytes} are allowed`);
  }
}

/** The matrix is not positive definite. */
export class SingularMatrixError extends SparseError {
  /** @param pivot row whose pivot was not above zero */
  constructor(readonly pivot: number) {
    super(`the matrix is not positive definite: pivot ${pivot} is not above zero`);
  }
}

/** An error as it passes from thread to thread, which keep no classes. */
export type PortableError =
  | { readonly pivot: number }
  | { readonly neededBytes: number; readonly limitBytes: number }
  | { readonly message: string };

export function portableError(error: unknown): PortableError {
  if (error instanceof SingularMatrixError) return { pivot: error.pivot };
  if (error instanceof CapacityExceededError)
    return { neededBytes: error.neededBytes, limitBytes: error.limitBytes };
  return { message: error instanceof Error ? error.message : String(error) };
}

export function reviveError(error: PortableError): SparseError {
  if ('pivot' in error) return new SingularMatrixError(error.pivot);
  if ('neededBytes' in error) return new CapacityExceededError(error.neededBytes, error.limitBytes);
  return new SparseError(error.message);
}
