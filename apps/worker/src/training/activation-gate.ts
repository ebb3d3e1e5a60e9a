import type { ComparedKind, Model, RunLeaderboard, ScheduleGate } from '#domain';

export interface GateDecision {
  readonly passed: boolean;
  /** The numbers, in words. */
  readonly reason: string;
}

/** What a new model is held against. */
export interface GateReferences {
  readonly active: Model | null;
  /** Of the run that made the new model. */
  readonly leaderboard: RunLeaderboard | null;
}

/** Whether `candidate` is good enough to replace the active model: every condition of the gate must hold. */
export function decideGate(gate: ScheduleGate, candidate: Model, references: GateReferences): GateDecision {
  const best = decideByLeaderboard(gate, references.leaderboard);
  if (!best.passed) return best;
  const ratio = decideByActive(gate, candidate, references.active);
  return { passed: ratio.passed, reason: ratio.passed ? `${ratio.reason}; ${best.reason}` : ratio.reason };
}

function decideByActive(
  { metric, minRatioToActive }: ScheduleGate,
  candidate: Model,
  active: Model | null,
): GateDecision {
  if (minRatioToActive === undefined) return { passed: true, reason: 'the active model is no condition' };
  if (active === null) return { passed: true, reason: 'no model is active' };
  const achieved = candidate.metrics[metric]?.mean;
  const reference = active.metrics[metric]?.mean;
  if (achieved === undefined) return { passed: false, reason: `the new model has no ${metric}` };
  if (reference === undefined)
    return { passed: false, reason: `the active model ${active.id} has no ${metric}` };
  const passed = achieved >= minRatioToActive * reference;
  const comparison =
    `${metric} ${achieved.toFixed(4)} ${passed ? 'reaches' : 'is below'} ` +
    `${minRatioToActive} × ${reference.toFixed(4)} of the active model ${active.id}`;
  return { passed, reason: comparison };
}

/** A kind is better when the whole interval of its difference to the new model is above 0. */
function decideByLeaderboard(
  { metric, mustBeBestOf }: ScheduleGate,
  leaderboard: RunLeaderboard | null,
): GateDecision {
  if (mustBeBestOf === undefined) return { passed: true, reason: 'other kinds are no condition' };
  if (leaderboard === null) return { passed: false, reason: 'the run compared no other kinds' };
  const compared = leaderboard.filter((row): row is ComparedKind => 'differenceToRun' in row);
  const differences = compared.flatMap(({ model, differenceToRun }) => {
    const difference = differenceToRun[metric];
    return difference ? [{ model, ...difference }] : [];
  });
  if (differences.length === 0) return { passed: false, reason: `the leaderboard has no ${metric}` };
  const better = differences.filter(({ ci95 }) => ci95[0] > 0).sort((a, b) => b.mean - a.mean)[0];
  if (!better) return { passed: true, reason: `no other kind has a better ${metric} beyond doubt` };
  const [low, high] = better.ci95.map((end) => end.toFixed(4)) as [string, string];
  const reason = `${metric} of ${better.model} is ${better.mean.toFixed(4)} higher on the same users (95 %: ${low} to ${high})`;
  return { passed: false, reason };
}
