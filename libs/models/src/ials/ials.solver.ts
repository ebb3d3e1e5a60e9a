import { DomainError } from '#domain';
import {
  CsrMatrix,
  DenseMatrix,
  factorGram,
  seededNormal,
  SingularMatrixError,
  solveRows,
  transpose,
  type ComputeThreads,
} from '#sparse';
import type { IalsParameters } from './ials.params.js';

/** What a row's system depends on beside the factors and its entries. */
export type Penalty = Pick<IalsParameters, 'regularization' | 'regularizationExponent' | 'unobservedWeight'>;

export interface FactorOptions {
  readonly compute: ComputeThreads;
  readonly seed: number;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** W and H, one row a user and one an item. */
export interface Factors {
  readonly users: DenseMatrix;
  readonly items: DenseMatrix;
}

/**
 * Length of an embedding before the first solution, as a standard deviation: 0.1/√d a number
 * (Rendle et al. 2022).
 */
const INITIAL_LENGTH = 0.1;

/**
 * Minimises L = Σ_ui x_ui (w_uᵀh_i − 1)² + a₀ Σ_u Σ_i (w_uᵀh_i)² + Σ_u r_u‖w_u‖² + Σ_i r_i‖h_i‖² in turn over
 * all users and over all items, each time exactly, so that L never rises:
 *
 *   w_u = (Σ_i x_ui h_i h_iᵀ + a₀HᵀH + r_u I)⁻¹ Σ_i x_ui h_i,  r_u = λ(Σ_i x_ui + a₀n)^ν for n items
 *
 * and items alike with the number of users. With all x_ui = 1 it is iALS as Rendle et al. have it.
 *
 * @throws DomainError `numerically-singular` when float32 is not enough for a row
 */
export async function factorise(
  matrix: CsrMatrix,
  parameters: IalsParameters,
  options: FactorOptions,
): Promise<Factors> {
  const { factors: width, epochs } = parameters;
  const items = initialFactors(matrix.numCols, width, options.seed);
  const users = DenseMatrix.zeros(matrix.numRows, width);
  const [rows, columns] = [matrix, transpose(options.compute.kernels, matrix)].map(inSharedMemory) as [
    CsrMatrix,
    CsrMatrix,
  ];
  const half = async (x: CsrMatrix, factors: DenseMatrix, out: DenseMatrix, done: number) => {
    const ridge = ridgesOf(x, parameters);
    const base = await factorGram(options.compute, factors, parameters.unobservedWeight);
    const onProgress = (share: number) => options.onProgress?.((done + share) / (2 * epochs));
    await solveRows(options.compute, x, { factors, base, ridge }, { onProgress, out });
  };
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      await half(rows, items, users, 2 * epoch);
      await half(columns, users, items, 2 * epoch + 1);
    }
  } catch (error) {
    throw explained(error, parameters);
  }
  return { users, items };
}

/** Copied once, not before every half of an epoch. */
function inSharedMemory(x: CsrMatrix): CsrMatrix {
  return new CsrMatrix(x.share());
}

/** r of one row: λ(Σ x + a₀n)^ν for n columns. */
export function ridgeOf(values: Float32Array, numColumns: number, penalty: Penalty): number {
  const { regularization, regularizationExponent, unobservedWeight } = penalty;
  const weight = values.reduce((sum, value) => sum + value, 0) + unobservedWeight * numColumns;
  return regularization * weight ** regularizationExponent;
}

/** r of each row. */
export function ridgesOf(x: CsrMatrix, penalty: Penalty): Float32Array {
  return Float32Array.from({ length: x.numRows }, (_, row) => ridgeOf(x.row(row).values, x.numCols, penalty));
}

function initialFactors(numRows: number, width: number, seed: number): DenseMatrix {
  const normal = seededNormal(seed);
  const factors = DenseMatrix.zeros(numRows, width);
  const deviation = INITIAL_LENGTH / Math.sqrt(width);
  for (let e = 0; e < factors.values.length; e++) factors.values[e] = deviation * normal();
  return factors;
}

/** A singular system as an error that names the parameter to raise; anything else as it is. */
export function explained(error: unknown, { regularization }: Penalty): unknown {
  if (!(error instanceof SingularMatrixError)) return error;
  const detail = `The data is too close to singular for float32 (${error.message}): raise regularization above ${regularization}`;
  return new DomainError('numerically-singular', detail, { cause: error });
}
