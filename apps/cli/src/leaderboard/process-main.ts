import { DomainError } from '#domain';
import type { Answer } from './process.js';
import { runStep, type Step } from './step.js';

/** Entry of the process of one step: does what it is sent, answers, and ends with its parent. */
process.once('message', (step: Step) => {
  void runStep(step)
    .then((result): Answer => ({ result }), describeFailure)
    .then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit());

function describeFailure(error: unknown): Answer {
  if (error instanceof DomainError) return { refused: { code: error.code, message: error.message } };
  return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
