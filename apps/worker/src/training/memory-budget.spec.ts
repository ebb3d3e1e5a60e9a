import { DomainError } from '#domain';
import { assertWithinBudget, leaderboardLimit } from './memory-budget.js';

const SHAPE = { numUsers: 10, numItems: 20, nnz: 100 };

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

describe('leaderboardLimit', () => {
  const own = { peakBytes: 10, flops: 1, artifactBytes: 0 };

  it('gives another fit the memory that the budget leaves, in place of the own fit', () => {
    expect(leaderboardLimit(30, 1, own).peakBytes).toBe(1024 * 1024 - 20);
    expect(leaderboardLimit(2 * 1024 * 1024, 1, own).peakBytes).toBe(0);
  });

  it('allows cheap fits to any run, and costly ones to a run that is costly itself', () => {
    expect(leaderboardLimit(30, 1, own).flops).toBe(1e12);
    expect(leaderboardLimit(30, 1, { ...own, flops: 5e12 }).flops).toBe(2e13);
  });
});
