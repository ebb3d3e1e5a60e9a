/** Both from 0 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

type Matrix = readonly (readonly number[])[];

const POWER_STEPS = 100;
const STRESS_STEPS = 100;
const SPREAD_STEPS = 200;
/**
 * Between any two points, across or down: none covers the square around another where the map is as narrow as
 * it gets.
 */
export const LEAST_DISTANCE = 0.115;

/**
 * Places items on a plane by how close they are. The distance that two items should have is the mean of their
 * ranks: the place of each among those that are closest to the other. It begins with classical scaling, and
 * goes on with majorisation of the stress Σ (|p_i − p_j| − d_ij)². Nothing in it is random, so equal input
 * makes the same picture.
 */
export function layOut(closeness: Matrix): Point[] {
  const distances = rankDistances(closeness);
  let points = scaled(distances);
  for (let step = 0; step < STRESS_STEPS; step++) points = lessStress(points, distances);
  return spread(fitted(points));
}

/** d_ij = (r_ij + r_ji) / 2, with r_ij the rank of j by closeness to i; equal ones share their mean rank. */
function rankDistances(closeness: Matrix): number[][] {
  const ranks = closeness.map((row, i) =>
    row.map((own, j) => {
      const others = row.filter((_, k) => k !== i && k !== j);
      const closer = others.filter((one) => one > own).length;
      return 1 + closer + others.filter((one) => one === own).length / 2;
    }),
  );
  return ranks.map((row, i) => row.map((rank, j) => (i === j ? 0 : (rank + ranks[j]![i]!) / 2)));
}

/** Classical scaling (Torgerson 1952): the two largest eigenvectors of the centred squared distances. */
function scaled(distances: Matrix): Point[] {
  const centred = doubleCentred(distances);
  const first = largestEigenvector(centred);
  const rest = centred.map((row, i) => row.map((value, j) => value - first[i]! * first[j]!));
  const second = largestEigenvector(rest);
  return first.map((x, i) => ({ x, y: second[i]! }));
}

function doubleCentred(distances: Matrix): number[][] {
  const squares = distances.map((row) => row.map((value) => value ** 2));
  const means = squares.map((row) => sum(row) / row.length);
  const mean = sum(means) / means.length;
  return squares.map((row, i) => row.map((value, j) => (means[i]! + means[j]! - mean - value) / 2));
}

/** √λ·v of the largest eigenvalue, by power iteration from a fixed vector; the shift makes all positive. */
function largestEigenvector(matrix: Matrix): number[] {
  const shift = Math.max(...matrix.map((row) => sum(row.map(Math.abs))));
  let [vector, length] = [matrix.map((_, i) => 1 / (i + 1)), 1];
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = matrix.map((row, i) => sum(row.map((value, j) => value * vector[j]!)) + shift * vector[i]!);
    length = Math.sqrt(sum(next.map((value) => value ** 2))) || 1;
    vector = next.map((value) => value / length);
  }
  const scale = Math.sqrt(Math.max(length - shift, 0));
  return vector.map((value) => value * scale);
}

/** One round of majorisation (Gansner, Koren & North 2004, eq. 11), point by point with equal weights. */
function lessStress(points: readonly Point[], distances: Matrix): Point[] {
  const placed = [...points];
  placed.forEach((point, i) => {
    let [x, y] = [0, 0];
    placed.forEach((other, j) => {
      if (i === j) return;
      const apart = Math.hypot(point.x - other.x, point.y - other.y) || 1;
      x += other.x + (distances[i]![j]! * (point.x - other.x)) / apart;
      y += other.y + (distances[i]![j]! * (point.y - other.y)) / apart;
    });
    const others = placed.length - 1;
    if (others > 0) placed[i] = { x: x / others, y: y / others };
  });
  return placed;
}

/** In the middle of the map and as large as it allows. */
function fitted(points: readonly Point[]): Point[] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const size = Math.max(right - left, bottom - top) || 1;
  return points.map(({ x, y }) => ({
    x: 0.5 + (x - (left + right) / 2) / size,
    y: 0.5 + (y - (top + bottom) / 2) / size,
  }));
}

/** Moves apart what covers one another, and nothing else. */
function spread(points: readonly Point[]): Point[] {
  const placed = [...points];
  for (let step = 0; step < SPREAD_STEPS; step++) if (!moveApart(placed)) return placed;
  return placed;
}

/** @returns whether any was moved */
function moveApart(placed: Point[]): boolean {
  let isMoved = false;
  for (let i = 0; i < placed.length; i++)
    for (let j = i + 1; j < placed.length; j++) {
      const [a, b] = [placed[i]!, placed[j]!];
      const [across, down] = [b.x - a.x, b.y - a.y];
      const apart = Math.max(Math.abs(across), Math.abs(down));
      if (apart >= LEAST_DISTANCE) continue;
      isMoved = true;
      // Along the longer way; a little more than it takes, so that it ends.
      const push = (LEAST_DISTANCE - apart) / 2 + 1e-4;
      const isAcross = Math.abs(across) >= Math.abs(down);
      const [x, y] = isAcross ? [across < 0 ? -push : push, 0] : [0, down < 0 ? -push : push];
      placed[i] = within(a.x - x, a.y - y);
      placed[j] = within(b.x + x, b.y + y);
    }
  return isMoved;
}

function within(x: number, y: number): Point {
  return { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
