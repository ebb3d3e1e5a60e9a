import fc from 'fast-check';
import {
  CsrMatrix,
  DenseMatrix,
  isKernelSupported,
  ItemScorer,
  KERNEL_NAMES,
  loadKernels,
  seededRandom,
} from '../index.js';
import { naiveTopK } from '../reference/naive.js';

const RUNS = { numRuns: 200, seed: 77 };
const ROWS = 8;

/** Values of B. */
const VALUES = {
  positive: (random: () => number) => random(),
  mixed: (random: () => number) => random() - 0.5,
  negative: (random: () => number) => -random(),
  tied: (random: () => number) => Math.floor(random() * 3) - 1,
  equal: () => 0.25,
};

/**
 * Few entries beside the columns, many, and none; blocks that are whole and not; less, as many and
 * more than are allowed.
 */
const cases = fc.record({
  numItems: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 6_000 })),
  entries: fc.constantFrom(0, 1, 5, 40, 400),
  values: fc.constantFrom('positive', 'mixed', 'negative', 'tied', 'equal'),
  length: fc.nat(ROWS),
  k: fc.constantFrom(0, 1, 5, 20, 256, 10_000),
  share: fc.constantFrom(1, 0.5, 0.02),
  seed: fc.nat(),
});

type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;

function randomRows({ numItems, entries, values }: Case, random: () => number): CsrMatrix {
  const indptr = new Uint32Array(ROWS + 1);
  const indices: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    const columns = Array.from({ length: entries * random() }, () => Math.floor(random() * numItems));
    indices.push(...[...new Set(columns)].sort((a, b) => a - b));
    indptr[row + 1] = indices.length;
  }
  const numbers = Float32Array.from(indices, () => VALUES[values](random));
  return new CsrMatrix({
    numRows: ROWS,
    numCols: numItems,
    indptr,
    indices: Uint32Array.from(indices),
    values: numbers,
  });
}

function randomHistory({ length, values }: Case, random: () => number) {
  const weight = values === 'equal' ? () => 1 : () => 2 * random() - 0.5;
  return {
    indices: Uint32Array.from({ length }, (_, j) => j),
    values: Float32Array.from({ length }, weight),
  };
}

describe.each(KERNEL_NAMES.filter(isKernelSupported))('the best of all scores with %s', (name) => {
  const kernels = loadKernels(name);

  it.each(['rows', 'rows and factors'])('are the first of a full sort, of %s', (sides) => {
    fc.assert(
      fc.property(cases, (given) => {
        const random = seededRandom(given.seed);
        const [rows, history] = [randomRows(given, random), randomHistory(given, random)];
        const factors = sides === 'rows' ? undefined : DenseMatrix.zeros(given.numItems, 3);
        factors?.values.forEach((_, e) => (factors.values[e] = random() - 0.5));
        const scorer = new ItemScorer(kernels, { rows, factors });
        const user = { history, ...(factors && { embedding: Float32Array.of(1, -1, 0.5) }) };
        const allowed = Uint8Array.from({ length: given.numItems }, () => (random() < given.share ? 200 : 0));
        const exclude = history.indices;
        const scores = scorer.scores(user).map((score) => score + 0);
        const isAllowed = (item: number) => allowed[item] !== 0 && !exclude.includes(item);
        const best = scorer.topK(user, given.k, { allowed, exclude });
        expect([...best.indices]).toEqual(naiveTopK(scores, given.k, isAllowed));
        expect(best.scores).toEqual(Float32Array.from(best.indices, (item) => scores[item]!));
      }),
      RUNS,
    );
  });

  it('are the items of lowest index when there is no history', () => {
    const rows = CsrMatrix.fromCoo({ numRows: 1, numCols: 300, rows: [0], cols: [7] });
    const scorer = new ItemScorer(kernels, { rows });
    const empty = { indices: new Uint32Array(0), values: new Float32Array(0) };
    const first = Uint32Array.of(0, 2, 3, 4);
    for (const user of [{}, { history: empty }])
      expect(scorer.topK(user, 4, { exclude: Uint32Array.of(1) })).toEqual({
        indices: first,
        scores: new Float32Array(4),
      });
  });
});
