import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import { CsrMatrix } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate, evaluateBatch } from '../evaluation/evaluate.js';
import { LINEAR } from '../testing/declared.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { approximateBelow, plateauFilter, valueAt } from './chebyshev-filter.js';
import { spectral } from './spectral.model.js';
import { READOUTS, spectralParameters, type SpectralParameters } from './spectral.params.js';

const math = create(all as FactoryFunctionMap);
const NDCG = { linear: 0.39, chebyshev: 0.39, svd: 0.25 };
const TOLERANCE = 5e-3;

/** Whole and unrounded, unless a test says otherwise. */
function parameters(given: Partial<SpectralParameters>): SpectralParameters {
  return spectralParameters.parse({ entriesPerRow: 10_000, storage: 'f32', svdTolerance: 1e-6, ...given });
}

for (const readout of READOUTS)
  describeRecommender(spectral, parameters({ readout, rank: 3 }), { ...LINEAR, ndcg: NDCG[readout] });
describeRecommender(spectral, parameters({ readout: 'svd', rank: 3, storage: 'int8' }), {
  ...LINEAR,
  ndcg: NDCG.svd,
});

type Rows = number[][];

/** R = D_u^−½·X·D_i^−½ and the degrees of the items. */
function normalize(x: CsrMatrix): { r: Rows; degrees: number[] } {
  const degrees = [...x.columnCounts()];
  const r = Array.from({ length: x.numRows }, (_, user) => {
    const { indices } = x.row(user);
    const row = new Array<number>(x.numCols).fill(0);
    for (const item of indices) row[item] = 1 / Math.sqrt(indices.length * degrees[item]!);
    return row;
  });
  return { r, degrees };
}

/** The projector on the leading `rank` eigenvectors of G, and p(G), by mathjs. */
function spectrum(
  g: Rows,
  rank: number,
  p: (eigenvalue: number) => number,
): { projector: Rows; filtered: Rows } {
  const { eigenvectors } = math.eigs(g) as unknown as {
    eigenvectors: { value: number; vector: number[] }[];
  };
  const sorted = [...eigenvectors].sort((a, b) => b.value - a.value);
  const sum = (weight: (value: number, index: number) => number): Rows =>
    g.map((_, i) =>
      g.map((__, j) =>
        sorted.reduce((total, { value, vector }, index) => {
          const length = Math.hypot(...vector);
          return total + (weight(value, index) * vector[i]! * vector[j]!) / length ** 2;
        }, 0),
      ),
    );
  const present = (value: number, index: number) => Number(index < rank && value > 1e-6);
  return { projector: sum(present), filtered: sum((value) => p(Math.max(0, value))) };
}

/** W by the book, for all singular vectors that there are. */
function denseWeights(x: CsrMatrix, given: SpectralParameters): Rows {
  const { r, degrees } = normalize(x);
  const g = math.multiply(math.transpose(r), r);
  const filter = plateauFilter(given.flatness);
  const { projector, filtered } = spectrum(g, given.rank, (value) => valueAt(filter, value));
  const b = given.scalingExponent;
  const scaled = (matrix: Rows) =>
    matrix.map((row, i) =>
      row.map((value, j) => value * (Math.max(1, degrees[j]!) / Math.max(1, degrees[i]!)) ** b),
    );
  const ideal = scaled(projector);
  if (given.readout === 'svd') return ideal;
  const base = given.readout === 'linear' ? g : scaled(filtered);
  return base.map((row, i) => row.map((value, j) => value + given.idealWeight * ideal[i]![j]!));
}

describe('spectral', () => {
  it.each(READOUTS)('equals the dense formula by mathjs, %s read-out', async (readout) => {
    await fc.assert(
      fc.asyncProperty(userItemMatrices, async (x) => {
        fc.pre(x.nnz > 0);
        const given = parameters({ readout, rank: 12, scalingExponent: 0.4 });
        const { recommender } = await spectral.fit(x, given, { seed: 1 });
        const weights = denseWeights(x, given);
        weights.forEach((row, item) => {
          // A past item's own score is never shown, so the sparse part leaves the diagonal out.
          recommender.scoreUser(historyOf(item)).forEach((score, other) => {
            if (other !== item) expect(Math.abs(score - row[other]!)).toBeLessThan(TOLERANCE);
          });
        });
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('keeps only the leading singular vectors', async () => {
    const given = parameters({ readout: 'svd', rank: 2 });
    const { recommender } = await spectral.fit(twoTastes(), given, { seed: 1 });
    denseWeights(twoTastes(), given).forEach((row, item) =>
      recommender
        .scoreUser(historyOf(item))
        .forEach((score, other) => expect(Math.abs(score - row[other]!)).toBeLessThan(TOLERANCE)),
    );
  });

  it('has the coefficients of the published Chebyshev filter', () => {
    const published = [0.5, -0.4927, 0, -0.0323, 0, 0.0211, 0, -0.0011, 0];
    plateauFilter(1.5).coefficients.forEach((value, degree) =>
      expect(value).toBeCloseTo(published[degree]!, 4),
    );
  });

  it('approximates a filter below an eigenvalue by fewer terms', () => {
    const filter = plateauFilter(1.5);
    const short = approximateBelow(filter, 0.2);
    expect(short.coefficients.length).toBeLessThan(filter.coefficients.length);
    for (let value = 0; value <= 0.2; value += 0.01)
      expect(Math.abs(valueAt(short, value) - valueAt(filter, value))).toBeLessThan(2e-3);
  });

  it.each(['linear', 'chebyshev'] as const)(
    'measures the same pruned and unpruned when nothing is pruned, %s read-out',
    async (readout) => {
      const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
      const fitted = await spectral.fit(split.train, parameters({ readout, rank: 4 }), { seed: 1 });
      const options = { ks: [5], seed: 1 };
      const whole = await evaluateBatch(fitted.rankUnpruned!, split, options);
      const served = evaluate(fitted.recommender, split, options);
      expect(whole.metrics['ndcg@5']!.mean).toBeCloseTo(served.metrics['ndcg@5']!.mean, 2);
      expect(served.metrics['ndcg@5']!.mean).toBeGreaterThan(0.5);
    },
  );

  it.each([
    ['one user', CsrMatrix.fromCoo({ numRows: 1, numCols: 3, rows: [0, 0], cols: [0, 2] })],
    ['one item', CsrMatrix.fromCoo({ numRows: 3, numCols: 1, rows: [0, 2], cols: [0, 0] })],
    [
      'users all alike',
      CsrMatrix.fromCoo({ numRows: 3, numCols: 2, rows: [0, 0, 1, 1, 2, 2], cols: [0, 1, 0, 1, 0, 1] }),
    ],
    [
      'users and items without interactions',
      CsrMatrix.fromCoo({ numRows: 4, numCols: 4, rows: [1], cols: [1] }),
    ],
    ['nothing at all', CsrMatrix.fromCoo({ numRows: 2, numCols: 2, rows: [], cols: [] })],
  ])('fits %s, with fewer vectors than asked for', async (_, x) => {
    for (const readout of READOUTS) {
      const { recommender } = await spectral.fit(x, parameters({ readout, rank: 64 }), { seed: 1 });
      for (const score of recommender.scoreUser(historyOf(0))) expect(Number.isFinite(score)).toBe(true);
    }
  });

  it.each([
    ['rank', 0],
    ['rank', 1.5],
    ['readout', 'cubic'],
    ['idealWeight', -1],
    ['userExponent', 1.1],
    ['svdTolerance', 0],
    ['flatness', Number.NaN],
  ])('refuses %s = %p', (name, value) => {
    expect(spectral.parameters.safeParse({ [name]: value }).success).toBe(false);
  });
});
