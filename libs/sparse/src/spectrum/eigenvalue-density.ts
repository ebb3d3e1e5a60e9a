import type { Kernels } from '../wasm/kernels.js';
import type { GramProducts } from './gram-products.js';
import type { Tridiagonal } from './lanczos.js';
import { symmetricEigen } from './symmetric-eigen.js';

const NUM_STEPS = 18;
const PANEL_COLUMNS = 8;
const NUM_PANELS = 2;

/** The largest eigenvalue of XᵀX, and the one that `count` of them reach. */
export interface SpectrumEstimate {
  readonly top: number;
  readonly cutOff: number;
}

/** An eigenvalue and how many there are of about its size. */
interface Node {
  readonly value: number;
  readonly count: number;
}

/**
 * Eigenvalues of the n × n matrix XᵀX without finding them, by stochastic Lanczos quadrature (Ubaru, Chen &
 * Saad 2017): for a random unit vector v, Lanczos' tridiagonal matrix T = QᵀXᵀXQ with Q's first column v has
 * eigenvalues θ_i, and n times the squared first entries of its eigenvectors are how many eigenvalues are
 * near each; the mean over several v is taken. The same bits for any number of threads.
 */
export async function estimateSpectrum(
  kernels: Kernels,
  products: GramProducts,
  count: number,
  seed: number,
): Promise<SpectrumEstimate> {
  const seeds = Array.from({ length: NUM_PANELS }, (_, panel) => seed + panel);
  const found = await products.lanczos(seeds, { columns: PANEL_COLUMNS, steps: NUM_STEPS });
  const nodes = found.flat().flatMap((tridiagonal) => quadrature(kernels, tridiagonal));
  const falling = nodes.sort((a, b) => b.value - a.value);
  const share = products.numCols / (NUM_PANELS * PANEL_COLUMNS);
  let above = 0;
  const reached = falling.find((node) => (above += share * node.count) >= count);
  return { top: falling[0]?.value ?? 0, cutOff: (reached ?? falling.at(-1))?.value ?? 0 };
}

function quadrature(kernels: Kernels, { alpha, beta }: Tridiagonal): Node[] {
  const size = alpha.length;
  const matrix = new Float64Array(size * size);
  alpha.forEach((value, i) => (matrix[i * size + i] = value));
  alpha.slice(1).forEach((_, i) => (matrix[(i + 1) * size + i] = beta[i]!));
  const { values, vectors } = symmetricEigen(kernels, matrix, size);
  return Array.from(values, (value, i) => ({ value, count: vectors[i * size]! ** 2 }));
}
