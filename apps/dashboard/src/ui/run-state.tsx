import type { TrainingRun } from '@sparserec/client';
import { Explained } from './explained.js';
import { percent } from './format.js';

const WORDS: Readonly<Record<TrainingRun['status'], string>> = {
  queued: 'waits',
  running: 'runs',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};
const KINDS: Readonly<Record<TrainingRun['status'], string>> = {
  queued: '',
  running: 'state-busy',
  succeeded: 'state-good',
  failed: 'state-bad',
  cancelled: '',
};
const STAGES: Readonly<Record<TrainingRun['stage'], string>> = {
  queued: 'waits for a worker',
  estimating: 'estimates its memory',
  loading: 'loads interactions',
  fitting: 'fits without the held-out tenth',
  evaluating: 'measures on the held-out tenth',
  comparing: 'compares all kinds of models',
  refitting: 'fits again with all interactions',
  writing: 'writes the model',
  done: 'is done',
};

/** How far a run is, or what came of it and why. */
export function RunState({ run }: { readonly run: TrainingRun }) {
  const { status, stage, progress, error, unchanged } = run;
  const isRunning = status === 'running';
  const meaning = isRunning
    ? `The run ${STAGES[stage]}.`
    : status === 'failed'
      ? (error?.detail ?? 'It gave no reason.')
      : unchanged
        ? 'An equal model was there already, so nothing was trained.'
        : `The run ${status === 'queued' ? STAGES.queued : `has ended: ${WORDS[status]}`}.`;
  return (
    <Explained meaning={meaning} className={`state ${KINDS[status]}`}>
      {isRunning ? `${stage}, ${percent(progress)}` : unchanged ? 'unchanged' : WORDS[status]}
      {isRunning && <progress value={progress} max={1} aria-label="How far the run is" />}
    </Explained>
  );
}
