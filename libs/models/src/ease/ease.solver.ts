import {
  computeGram,
  diagonalOfSandwich,
  invertPositiveDefinite,
  seededRandom,
  SymmetricStrips,
  transpose,
  type ComputeThreads,
  type CsrMatrix,
  type Scaling,
  type SymmetricMatrix,
} from '#sparse';
import type { DenseForm } from './ease.cost.js';
import type { EaseParameters } from './ease.params.js';
import { checked, easeSystem } from './ease.system.js';

/** B off its diagonal as diag(scaling.rows)·M·diag(scaling.columns), with M known by its strips. */
export interface EaseSolution {
  readonly matrix: SymmetricStrips;
  readonly scaling: Scaling;
  readonly residual: number;
}

export interface SolveOptions {
  readonly compute: ComputeThreads;
  readonly seed: number;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Shares of a solve, for its progress only. */
const GRAM_SHARE = 0.05;
const INVERSE_SHARE = 0.95;

/** Columns of the inverse that are checked. */
const CHECKED_COLUMNS = 8;

/**
 * With Y = D_u^{−β/2}·X and Λ = λI + p/(1 − p)·diag(Σ_u x_ui²) (EDLAE: Steck, NeurIPS
 * 2020; user weights: DAN):
 *
 *   primal  P = (YᵀY + Λ)⁻¹,                B_jk = −P_jk / P_kk
 *   dual    Z = YΛ^−½, K = I + ZZᵀ, M = ZᵀK⁻¹Z, P = Λ^−½(I − M)Λ^−½,  B_jk = M_jk·√Λ_k / (√Λ_j·(1 − M_kk))
 *
 * @throws DomainError `numerically-singular` when float32 is not enough for the matrix
 */
export async function solveEase(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  form: DenseForm,
  options: SolveOptions,
): Promise<EaseSolution> {
  const { y, ridge } = easeSystem(matrix, parameters);
  return checked(parameters, () => (form === 'primal' ? solvePrimal : solveDual)(y, ridge, options));
}

async function solvePrimal(y: CsrMatrix, ridge: Float32Array, options: SolveOptions): Promise<EaseSolution> {
  const inverse = await invertRidged(y, ridge, options);
  const columns = inverse.diagonal().map((value) => -1 / value);
  const residual = largestResidual(y, inverse, ridge, options.seed);
  return { matrix: SymmetricStrips.of(inverse), scaling: { columns }, residual };
}

async function solveDual(y: CsrMatrix, ridge: Float32Array, options: SolveOptions): Promise<EaseSolution> {
  const { compute } = options;
  const roots = ridge.map(Math.sqrt);
  const z = y.scale({ columns: roots.map((root) => 1 / root) });
  const zt = transpose(compute.kernels, z);
  const ones = new Float32Array(z.numRows).fill(1);
  const inverse = await invertRidged(zt, ones, options);
  const residual = largestResidual(zt, inverse, ones, options.seed);
  const diagonal = await diagonalOfSandwich(compute, z, inverse);
  const scaling = {
    rows: roots.map((root) => 1 / root),
    columns: roots.map((root, k) => root / (1 - diagonal[k]!)),
  };
  return { matrix: SymmetricStrips.sandwich(compute.kernels, z, inverse), scaling, residual };
}

/** (YᵀY + diag(ridge))⁻¹ */
async function invertRidged(
  y: CsrMatrix,
  ridge: Float32Array,
  { compute, onProgress }: SolveOptions,
): Promise<SymmetricMatrix> {
  const inverse = await computeGram(compute, y, { onProgress: (share) => onProgress?.(share * GRAM_SHARE) });
  inverse.addToDiagonal(ridge);
  await invertPositiveDefinite(compute, inverse, {
    onProgress: (share) => onProgress?.(GRAM_SHARE + share * (INVERSE_SHARE - GRAM_SHARE)),
  });
  return inverse;
}

/** Largest ‖(YᵀY + diag(ridge))·A⁻¹e_j − e_j‖₂ over random columns j, in double precision. */
function largestResidual(y: CsrMatrix, inverse: SymmetricMatrix, ridge: Float32Array, seed: number): number {
  const random = seededRandom(seed);
  let largest = 0;
  for (let n = 0; n < Math.min(CHECKED_COLUMNS, inverse.order); n++) {
    const column = Math.floor(random() * inverse.order);
    const values = Float64Array.from({ length: inverse.order }, (_, row) => inverse.get(row, column));
    const product = applyRidged(y, ridge, values);
    product[column]! -= 1;
    largest = Math.max(largest, Math.sqrt(product.reduce((sum, value) => sum + value * value, 0)));
  }
  return largest;
}

function applyRidged(y: CsrMatrix, ridge: Float32Array, vector: Float64Array): Float64Array {
  const product = vector.map((value, j) => value * ridge[j]!);
  for (let row = 0; row < y.numRows; row++) {
    const { indices, values } = y.row(row);
    let dot = 0;
    indices.forEach((column, e) => (dot += values[e]! * vector[column]!));
    indices.forEach((column, e) => (product[column]! += values[e]! * dot));
  }
  return product;
}
