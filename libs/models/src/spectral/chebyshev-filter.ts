import type { ChebyshevSeries } from '#sparse';

/** Degree of the published filter. */
const DEGREE = 8;
/** Points on which an approximation is compared with what it approximates, and how far it may be off. */
const GRID = 200;
const TOLERANCE = 1e-3;

/**
 * The filter of ChebyCF (SIGIR 2025): a series in the Laplacian L = I − 2·RᵀR, whose spectrum is in [−1, 1],
 * that follows a plateau, ½ + ½|x|^φ below 0 and ½ − ½x^φ above: 1 for the smoothest signals, 0 for the
 * roughest. As published, the plateau is sampled at cos((8 − k)π/8), points and values to three places, and
 * the coefficients are c_j = 2/9·Σ_k T_j(cos((9.5 − k)π/9))·target_k, c_0 halved.
 */
export function plateauFilter(flatness: number): ChebyshevSeries {
  const count = DEGREE + 1;
  const targets = Array.from({ length: count }, (_, k) =>
    roundTo3(plateau(roundTo3(Math.cos(((DEGREE - k) * Math.PI) / DEGREE)), flatness)),
  );
  const nodes = Array.from({ length: count }, (_, k) => Math.cos(((count - k - 0.5) * Math.PI) / count));
  return { scale: -2, shift: 1, coefficients: coefficientsOf(targets, nodes) };
}

function plateau(x: number, flatness: number): number {
  return x < 0 ? 0.5 * Math.abs(x) ** flatness + 0.5 : 0.5 - 0.5 * x ** flatness;
}

function roundTo3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Coefficients of the series through `targets` at the Chebyshev nodes. */
function coefficientsOf(targets: readonly number[], nodes: readonly number[]): number[] {
  return targets.map((_, degree) => {
    const sum = nodes.reduce((total, node, k) => total + chebyshev(degree, node) * targets[k]!, 0);
    return ((degree === 0 ? 1 : 2) * sum) / nodes.length;
  });
}

/** T_j(x) for any x. */
function chebyshev(degree: number, x: number): number {
  let [previous, current] = [1, x];
  if (degree === 0) return 1;
  for (let j = 1; j < degree; j++) [previous, current] = [current, 2 * x * current - previous];
  return current;
}

/** p(λ) of a series. */
export function valueAt({ scale, shift, coefficients }: ChebyshevSeries, eigenvalue: number): number {
  const x = scale * eigenvalue + shift;
  return coefficients.reduce((sum, coefficient, degree) => sum + coefficient * chebyshev(degree, x), 0);
}

/**
 * The series of lowest degree that is within 1e-3 of `filter` on the eigenvalues from 0 to `end`: on a short
 * stretch of the spectrum a few terms do.
 */
export function approximateBelow(filter: ChebyshevSeries, end: number): ChebyshevSeries {
  for (let degree = 1; degree < filter.coefficients.length - 1; degree++) {
    const count = degree + 1;
    const nodes = Array.from({ length: count }, (_, k) => Math.cos(((k + 0.5) * Math.PI) / count));
    const targets = nodes.map((node) => valueAt(filter, ((node + 1) * end) / 2));
    const series = { scale: 2 / end, shift: -1, coefficients: coefficientsOf(targets, nodes) };
    if (largestDifference(series, filter, end) <= TOLERANCE) return series;
  }
  return filter;
}

function largestDifference(a: ChebyshevSeries, b: ChebyshevSeries, end: number): number {
  const points = Array.from({ length: GRID + 1 }, (_, i) => (i / GRID) * end);
  return Math.max(...points.map((point) => Math.abs(valueAt(a, point) - valueAt(b, point))));
}
