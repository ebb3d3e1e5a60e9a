import { isIP } from 'node:net';
import type { Environment } from './env.js';
import { StartError } from './start-error.js';

/**
 * There are no keys yet, so whoever can reach the address can do everything.
 *
 * @throws StartError for any address but loopback, unless that is allowed expressly
 */
export function refuseOpenAddress({
  HOST,
  ALLOW_REMOTE_WITHOUT_KEYS,
}: Pick<Environment, 'HOST' | 'ALLOW_REMOTE_WITHOUT_KEYS'>): void {
  if (isLoopback(HOST) || ALLOW_REMOTE_WITHOUT_KEYS === '1') return;
  throw new StartError(
    `HOST ${HOST} can be reached from other machines and the API has no keys. Use 127.0.0.1, or set ALLOW_REMOTE_WITHOUT_KEYS=1 where something else guards the port.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
