import { fork } from 'node:child_process';
import { DomainError, type ErrorCode } from '#domain';
import type { LeftOut } from '#models';
import type { Step, StepResults } from './step.js';

/** What a process of one step sends back. */
export type Answer =
  | { readonly result: StepResults[Step['step']] }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string } }
  | { readonly failed: string };

const SCRIPT = new URL('./process-main.js', import.meta.url);

/**
 * Runs one step in a process of its own, so that its memory is measured by itself and given back at the end.
 * A process that the system ends, as it does for want of memory, leaves its model out.
 */
export async function runInProcess<Name extends Step['step']>(
  step: Step & { readonly step: Name },
): Promise<StepResults[Name] | LeftOut> {
  const answer = await answerTo(step);
  if ('result' in answer) return answer.result as StepResults[Name];
  if ('refused' in answer) throw new DomainError(answer.refused.code, answer.refused.message);
  throw new Error(answer.failed);
}

function answerTo(step: Step): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(SCRIPT, { serialization: 'advanced' });
    let answer: Answer | undefined;
    child.on('message', (message: Answer) => {
      answer = message;
      child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (answer) resolve(answer);
      else if (signal) resolve({ result: { leftOut: `its process was ended by ${signal}` } });
      else resolve({ failed: `the process of ${step.model} stopped with code ${String(code)}` });
    });
    child.send(step);
  });
}
