import { estimateRunBytes, estimateRunSeconds } from './run-cost.js';

const SHAPE = { numUsers: 10, numItems: 20, nnz: 100 };

describe('estimateRunBytes', () => {
  it('counts the snapshot twice, the fit and the artifact', () => {
    const snapshotBytes = 10 * 8 + 20 * 4 + 100 * 8;
    const bytes = estimateRunBytes(SHAPE, { peakBytes: 5_000, flops: 1, artifactBytes: 300 });
    expect(bytes).toBe(2 * snapshotBytes + 5_000 + 300);
  });
});

describe('estimateRunSeconds', () => {
  const fit = { peakBytes: 1, flops: 4e9, artifactBytes: 1 };
  const timingsMs = {
    loading: 100,
    fitting: 600,
    evaluating: 300,
    comparing: 9e9,
    refitting: 400,
    writing: 100,
  };

  it('scales the fits of the run before by FLOPs, and the rest by pairs', () => {
    const before = { fit: { ...fit, flops: 2e9 }, nnz: 100, timingsMs };
    expect(estimateRunSeconds({ fit, nnz: 300, threads: 2 }, before)).toBeCloseTo(2 * 1 + 3 * 0.5);
    expect(estimateRunSeconds({ fit, nnz: 300, threads: 2 }, { ...before, nnz: 0 })).toBeLessThan(200);
    const idle = { ...before, fit: { ...fit, flops: 0 } };
    expect(estimateRunSeconds({ fit, nnz: 300, threads: 2 }, idle)).toBeCloseTo(3 * 1.5);
  });

  it('assumes a machine where no run has been', () => {
    expect(estimateRunSeconds({ fit, nnz: 100_000, threads: 2 }, null)).toBeCloseTo(0.8 + 1);
  });
});
