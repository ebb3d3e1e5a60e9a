import { setTimeout as delay } from 'node:timers/promises';
import { createPostgresBackend } from 'bullmq';

/** Pause after a connection that failed. Workers ask again at once, and would do nothing else. */
const RETRY_MS = 200;

/** What BullMQ keeps to itself. */
interface Insides {
  readonly connection: { waitUntilReady(): Promise<void>; readyPromise: Promise<void> | undefined };
}

/**
 * BullMQ's PostgreSQL backend, which tries again when its first connection fails. The one of version
 * 6.7 remembers the failure for ever: its workers never take a job, and report the same error thousands
 * of times a second.
 */
export const createPatientPostgresBackend: typeof createPostgresBackend = (...options) => {
  const backend = createPostgresBackend(...options);
  const { connection } = backend as unknown as Insides;
  const waitUntilReady = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = async () => {
    try {
      await waitUntilReady();
    } catch (error) {
      await delay(RETRY_MS);
      connection.readyPromise = undefined;
      throw error;
    }
  };
  return backend;
};
