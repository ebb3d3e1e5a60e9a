import { DomainError } from '@app/domain';
import { assertWithinBudget, estimateRunBytes } from './memory-budget.js';

const SHAPE = { numUsers: 10, numItems: 20, nnz: 100 };

describe('estimateRunBytes', () => {
  it('counts the snapshot twice, the fit and the artifact', () => {
    const snapshotBytes = 10 * 8 + 20 * 4 + 100 * 8;
    const bytes = estimateRunBytes(SHAPE, { peakBytes: 5_000, flops: 1, artifactBytes: 300 });
    expect(bytes).toBe(2 * snapshotBytes + 5_000 + 300);
  });
});

describe('assertWithinBudget', () => {
  it('accepts a run that needs exactly the budget', () => {
    expect(() => assertWithinBudget(64 * 1024 * 1024, 64, SHAPE)).not.toThrow();
  });

  it('refuses a larger one with the numbers', () => {
    const neededBytes = 64 * 1024 * 1024 + 1;
    const refuse = () => assertWithinBudget(neededBytes, 64, SHAPE);
    expect(refuse).toThrow(DomainError);
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'memory-budget-exceeded',
        message: expect.stringContaining(`${neededBytes} bytes for 10 users, 20 items and 100 interactions`),
        extensions: { neededBytes, budgetBytes: 67_108_864, ...SHAPE },
      }),
    );
  });
});
