import { DomainError } from '#domain';
import type { CostLimit, FitEstimate, MatrixShape } from '#models';

const MEBIBYTE = 1024 * 1024;

/**
 * @throws DomainError `memory-budget-exceeded` with the numbers, so that a run is refused before it starts
 */
export function assertWithinBudget(neededBytes: number, budgetMegabytes: number, shape: MatrixShape): void {
  const budgetBytes = budgetMegabytes * MEBIBYTE;
  if (neededBytes <= budgetBytes) return;
  throw new DomainError(
    'memory-budget-exceeded',
    `Training needs about ${neededBytes} bytes for ${shape.numUsers} users, ${shape.numItems} items and ` +
      `${shape.nnz} interactions; the budget is ${budgetBytes} bytes (TRAINING_MEMORY_MB).`,
    { extensions: { neededBytes, budgetBytes, ...shape } },
  );
}

/** About half a minute of one core. */
const CHEAP_FLOPS = 1e12;
/** A kind may cost this many times what the run's own does. */
const TIMES_OWN_FLOPS = 4;

/**
 * What the fit of another kind may cost to be compared with a run's own: the memory that the budget leaves
 * for a fit, and either little time or a few times as much as the run's own.
 */
export function leaderboardLimit(
  neededBytes: number,
  budgetMegabytes: number,
  own: FitEstimate,
): Required<CostLimit> {
  const besideFit = neededBytes - own.peakBytes;
  return {
    peakBytes: Math.max(0, budgetMegabytes * MEBIBYTE - besideFit),
    flops: Math.max(CHEAP_FLOPS, TIMES_OWN_FLOPS * own.flops),
  };
}
