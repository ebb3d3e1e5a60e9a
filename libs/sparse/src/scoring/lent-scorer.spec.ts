import fc from 'fast-check';
import {
  LentScorer,
  CsrMatrix,
  DenseMatrix,
  isKernelSupported,
  ItemScorer,
  KERNEL_NAMES,
  loadKernels,
  seededRandom,
  ShapeError,
} from '../index.js';
import { csrMatrices } from '../testing/random-csr.js';
import { randomFactors, STORED_AS } from '../testing/random-factors.js';

const RUNS = { numRuns: 60, seed: 51 };

describe.each(KERNEL_NAMES.filter(isKernelSupported))('a lent scorer with %s', (name) => {
  const sharing = loadKernels(name, 'shared');
  const own = loadKernels(name);
  const users = fc.record({
    b: csrMatrices(6, 40, 1),
    width: fc.integer({ min: 1, max: 70 }),
    sides: fc.constantFrom('rows', 'factors', 'both'),
    storedAs: fc.constantFrom(...STORED_AS),
    k: fc.integer({ min: 0, max: 50 }),
    masked: fc.boolean(),
  });

  it('answers bit by bit what an owner of plain memory answers', () => {
    fc.assert(
      fc.property(users, ({ b, width, sides, storedAs, k, masked }) => {
        const itemSide = {
          rows: sides === 'factors' ? undefined : b,
          factors: sides === 'rows' ? undefined : randomFactors(b.numCols, width, storedAs),
        };
        const random = seededRandom(k);
        const embedding = Float32Array.from({ length: width }, () => random() - 0.5);
        const indices = Uint32Array.from({ length: b.numRows }, (_, item) => item);
        const history = { indices, values: Float32Array.from(indices, () => random()) };
        const user = { history, ...(sides !== 'rows' && { embedding }) };
        const options = masked
          ? { allowed: Uint8Array.from({ length: b.numCols }, (_, column) => column % 2) }
          : { exclude: indices };
        const plain = new ItemScorer(own, itemSide);
        const owner = new ItemScorer(sharing, itemSide);
        const lending = owner.lend(indices.length);
        const inOtherThread = new LentScorer(own, lending.lent);
        for (const scorer of [owner, inOtherThread]) {
          expect(scorer.scores(user)).toEqual(plain.scores(user));
          expect(scorer.topK(user, k, options)).toEqual(plain.topK(user, k, options));
        }
        lending.end();
      }),
      RUNS,
    );
  });

  it('gives its room back', () => {
    const owner = new ItemScorer(sharing, { factors: DenseMatrix.zeros(5_000, 3) });
    const lendOnce = () => {
      const lending = owner.lend(1_000);
      new LentScorer(own, lending.lent).scores({ embedding: new Float32Array(3) });
      lending.end();
    };
    lendOnce();
    const before = owner.memoryBytes;
    for (let lending = 0; lending < 300; lending++) lendOnce();
    expect(owner.memoryBytes).toBe(before);
  });

  it('refuses what there is no room for, and plain memory', () => {
    const factors = DenseMatrix.zeros(4, 2);
    const rows = CsrMatrix.fromCoo({ numRows: 4, numCols: 4, rows: [0, 3], cols: [1, 2] });
    const { lent } = new ItemScorer(sharing, { rows, factors }).lend(1);
    const inOtherThread = new LentScorer(own, lent);
    const history = { indices: Uint32Array.of(0, 1), values: Float32Array.of(1, 1) };
    expect(() => inOtherThread.scores({ history })).toThrow(ShapeError);
    expect(() => inOtherThread.scores({ embedding: new Float32Array(3) })).toThrow(ShapeError);
    expect(() => inOtherThread.scores({ embedding: Float32Array.of(NaN, 1) })).toThrow(ShapeError);
    const unknown = { indices: Uint32Array.of(9), values: Float32Array.of(1) };
    expect(() => inOtherThread.scores({ history: unknown })).toThrow(ShapeError);
    expect(() => new ItemScorer(own, { factors }).lend(1)).toThrow(ShapeError);
  });
});
