import { DomainError } from '#domain';
import { CapacityExceededError } from '#sparse';
import type { FitEstimate } from '../recommender.js';

/** A model that was not compared, and why. */
export interface LeftOut {
  readonly leftOut: string;
}

/** What a fit may cost at most; absent: anything. */
export interface CostLimit {
  readonly peakBytes?: number;
  readonly flops?: number;
}

/** Why a kind is left out of a comparison, in words; null when its fit costs no more than it may. */
export function reasonToLeaveOut(estimate: FitEstimate, limit: CostLimit): string | null {
  const { peakBytes = Infinity, flops = Infinity } = limit;
  if (estimate.peakBytes > peakBytes)
    return `its fit needs about ${inMebibytes(estimate.peakBytes)} MiB, and may have ${inMebibytes(peakBytes)}`;
  if (estimate.flops > flops)
    return `its fit takes about ${estimate.flops.toExponential(1)} FLOPs, and may take ${flops.toExponential(1)}`;
  return null;
}

/** A fit that its data or its memory does not allow is no reason to compare nothing. */
export async function fitOrLeaveOut<Result>(work: () => Promise<Result>): Promise<Result | LeftOut> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError || error instanceof CapacityExceededError)
      return { leftOut: error.message };
    throw error;
  }
}

function inMebibytes(bytes: number): string {
  return String(Math.ceil(bytes / 2 ** 20));
}
