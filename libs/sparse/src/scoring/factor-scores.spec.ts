import fc from 'fast-check';
import { isKernelSupported, ItemScorer, KERNEL_NAMES, loadKernels, seededRandom } from '../index.js';
import { naiveScores, naiveTopK } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';
import { randomFactors, STORED_AS, toNumbers } from '../testing/random-factors.js';

const RUNS = { numRuns: 150, seed: 20_262 };
/** Of the sum of the magnitudes of all terms. */
const TOLERANCE = 1e-6;

describe.each(KERNEL_NAMES.filter(isKernelSupported))('factors multiplied with %s', (name) => {
  const cases = fc.record({
    b: csrMatrices(6, 9, 1),
    width: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(63, 64, 65, 768)),
    storedAs: fc.constantFrom(...STORED_AS),
    hasRows: fc.boolean(),
    isZero: fc.boolean(),
  });

  it('add what the naive twin adds to the scores of a history, however they are stored', () => {
    const kernels = loadKernels(name);
    fc.assert(
      fc.property(cases, ({ b, width, storedAs, hasRows, isZero }) => {
        const factors = randomFactors(b.numCols, width, storedAs);
        const random = seededRandom(width);
        const embedding = Float32Array.from({ length: width }, () => (isZero ? 0 : random() - 0.5));
        const scorer = new ItemScorer(kernels, { rows: hasRows ? b : undefined, factors });
        const indices = Uint32Array.from({ length: b.numRows }, (_, item) => item);
        const user = { history: { indices, values: new Float32Array(b.numRows).fill(2) }, embedding };
        const fromHistory = hasRows ? naiveScores(b, user.history) : new Float32Array(b.numCols);
        const scores = scorer.scores(user);
        toNumbers(factors).forEach((row, item) => {
          const terms = [fromHistory[item]!, ...row.map((value, f) => value * embedding[f]!)];
          const sum = terms.reduce((total, term) => total + term, 0);
          const size = terms.reduce((total, term) => total + Math.abs(term), 0);
          expect(Math.abs(scores[item]! - sum)).toBeLessThanOrEqual(TOLERANCE * size);
        });
        expect([...scorer.topK(user, 5).indices]).toEqual(naiveTopK(scores, 5, () => true));
      }),
      RUNS,
    );
  });

  it('say by their storage alone what an item has, whatever the items beside it', () => {
    const kernels = loadKernels(name);
    for (const storedAs of STORED_AS) {
      const factors = randomFactors(7, 45, storedAs);
      const embedding = Float32Array.from({ length: 45 }, (_, f) => Math.sin(f));
      const together = new ItemScorer(kernels, { factors }).scores({ embedding });
      for (let item = 0; item < 7; item++) {
        const alone = new ItemScorer(kernels, { factors: factors.rows(item, item + 1) });
        expect([...alone.scores({ embedding })]).toEqual([together[item]]);
      }
    }
  });
});
