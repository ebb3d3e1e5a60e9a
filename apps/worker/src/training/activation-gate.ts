import type { Model, ScheduleGate } from '@app/domain';

export interface GateDecision {
  readonly passed: boolean;
  /** The numbers, in words. */
  readonly reason: string;
}

/** Whether `candidate` is good enough to replace `active`. */
export function decideGate(gate: ScheduleGate, candidate: Model, active: Model | null): GateDecision {
  if (active === null) return { passed: true, reason: 'no model is active' };
  const achieved = candidate.metrics[gate.metric]?.mean;
  const reference = active.metrics[gate.metric]?.mean;
  if (achieved === undefined) return { passed: false, reason: `the new model has no ${gate.metric}` };
  if (reference === undefined)
    return { passed: false, reason: `the active model ${active.id} has no ${gate.metric}` };
  const passed = achieved >= gate.minRatioToActive * reference;
  const comparison =
    `${gate.metric} ${achieved.toFixed(4)} ${passed ? 'reaches' : 'is below'} ` +
    `${gate.minRatioToActive} × ${reference.toFixed(4)} of the active model ${active.id}`;
  return { passed, reason: comparison };
}
