import type { TrainingStage } from '#domain';

/** Share of a whole run that each stage ends at; fractions are of typical times, not promises. */
const STAGE_END: Readonly<Record<TrainingStage, number>> = {
  queued: 0,
  estimating: 0.02,
  loading: 0.15,
  fitting: 0.45,
  evaluating: 0.65,
  comparing: 0.75,
  refitting: 0.95,
  writing: 1,
  done: 1,
};
const STAGES = Object.keys(STAGE_END) as TrainingStage[];

/** Progress within the whole run, 0 to 1, of a stage that is done to `fraction`. */
export function progressOf(stage: TrainingStage, fraction: number): number {
  const previous = STAGES[STAGES.indexOf(stage) - 1];
  const start = previous === undefined ? 0 : STAGE_END[previous];
  const share = Math.min(1, Math.max(0, fraction));
  return start * (1 - share) + STAGE_END[stage] * share;
}
