import { parentPort } from 'node:worker_threads';
import { portableError } from '../errors.js';
import { loadKernels } from '../wasm/kernels.js';
import type { Session } from './operation.js';
import { operations } from './operations.js';
import type { FromThread, ToThread } from './thread-messages.js';

/**
 * Entry of a compute thread: opens sessions, does their tasks until it is told to close them, and
 * waits for the next.
 */
const sessions = new Map<number, Session<unknown, unknown>>();

function handle({ session: id, message }: ToThread): FromThread['message'] | undefined {
  if ('open' in message) {
    const operation = operations.find(({ name }) => name === message.open);
    if (operation) sessions.set(id, operation.open(loadKernels(message.kernel), message.shared));
    return undefined;
  }
  const session = sessions.get(id);
  if (!('close' in message)) return { position: message.position, result: session?.run(message.args) };
  sessions.delete(id);
  return { closed: session?.close() };
}

parentPort?.on('message', (request: ToThread) => {
  const answer = (message: FromThread['message']) =>
    parentPort?.postMessage({ session: request.session, message } satisfies FromThread);
  try {
    const message = handle(request);
    if (message) answer(message);
  } catch (error) {
    answer({ error: portableError(error) });
  }
});
