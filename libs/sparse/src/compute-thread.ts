import { parentPort } from 'node:worker_threads';
import type { Session } from './compute-threads.js';
import { portableError, type PortableError } from './errors.js';
import { loadKernels } from './kernels.js';
import type { KernelName } from './loader.js';
import { operations } from './operations.js';

export type ToThread =
  | { readonly open: string; readonly kernel: KernelName; readonly shared: unknown }
  | { readonly position: number; readonly args: unknown }
  | { readonly close: true };
export type FromThread =
  | { readonly position: number; readonly result: unknown }
  | { readonly closed: unknown }
  | { readonly error: PortableError };

/** Entry of a compute thread: opens a session, does tasks until it is told to close, and waits for the next. */
let session: Session<unknown, unknown> | undefined;

function handle(message: ToThread): FromThread | undefined {
  if ('open' in message) {
    const operation = operations.find(({ name }) => name === message.open);
    session = operation?.open(loadKernels(message.kernel), message.shared);
    return undefined;
  }
  if ('close' in message) return { closed: session?.close() };
  return { position: message.position, result: session?.run(message.args) };
}

parentPort?.on('message', (message: ToThread) => {
  try {
    const answer = handle(message);
    if (answer) parentPort?.postMessage(answer);
  } catch (error) {
    parentPort?.postMessage({ error: portableError(error) } satisfies FromThread);
  }
});
