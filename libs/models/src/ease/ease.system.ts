import { DomainError } from '#domain';
import { SingularMatrixError, type CsrMatrix } from '#sparse';
import type { EaseParameters } from './ease.params.js';

/** The largest error that float32 may have left in a column of the inverse. */
const LARGEST_RESIDUAL = 0.01;

/** Y and Λ of the matrix YᵀY + Λ whose inverse makes B; `solveEase` has the equations. */
export interface EaseSystem {
  readonly y: CsrMatrix;
  /** The diagonal of Λ. */
  readonly ridge: Float32Array;
}

export function easeSystem(matrix: CsrMatrix, parameters: EaseParameters): EaseSystem {
  return { y: weighUsers(matrix, parameters.userWeightExponent), ridge: ridgeOf(matrix, parameters) };
}

/**
 * What `solve` answers, if its residual is small.
 *
 * @throws DomainError `numerically-singular` when float32 is not enough for the matrix
 */
export async function checked<Solution extends { readonly residual: number }>(
  parameters: EaseParameters,
  solve: () => Promise<Solution>,
): Promise<Solution> {
  const solution = await solve().catch((error: unknown) => {
    throw isSingular(error) ? tooSingular(parameters, error.message) : error;
  });
  if (solution.residual <= LARGEST_RESIDUAL) return solution;
  throw tooSingular(parameters, `the inverse is off by ${solution.residual.toPrecision(2)}`);
}

/** Found here, or by another worker. */
function isSingular(error: unknown): error is Error {
  return (
    error instanceof SingularMatrixError ||
    (error instanceof DomainError && error.code === 'numerically-singular')
  );
}

function tooSingular({ regularization }: EaseParameters, reason: string): DomainError {
  const detail = `The data is too close to singular for float32 (${reason}): raise regularization above ${regularization}`;
  return new DomainError('numerically-singular', detail);
}

/** Λ */
function ridgeOf(matrix: CsrMatrix, { regularization, dropout }: EaseParameters): Float32Array {
  const squares = new Float64Array(matrix.numCols);
  matrix.indices.forEach((item, e) => (squares[item]! += matrix.values[e]! ** 2));
  const share = dropout / (1 - dropout);
  return Float32Array.from(squares, (square) => regularization + share * square);
}

/** D_u^{−β/2}·X for d_u interactions of a user. */
function weighUsers(matrix: CsrMatrix, exponent: number): CsrMatrix {
  if (exponent === 0) return matrix;
  const rows = Float32Array.from({ length: matrix.numRows }, (_, user) => {
    const degree = matrix.indptr[user + 1]! - matrix.indptr[user]!;
    return Math.max(1, degree) ** (-exponent / 2);
  });
  return matrix.scale({ rows });
}
