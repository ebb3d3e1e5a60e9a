import { isIP } from 'node:net';
import type { Environment } from './env.js';

/**
 * Whether callers are let in without a key before the first one is made: on loopback, or where something
 * else guards the port expressly.
 */
export function isOpenWithoutKeys({
  HOST,
  REQUIRE_KEYS,
  ALLOW_REMOTE_WITHOUT_KEYS,
}: Pick<Environment, 'HOST' | 'REQUIRE_KEYS' | 'ALLOW_REMOTE_WITHOUT_KEYS'>): boolean {
  if (REQUIRE_KEYS === '1') return false;
  return isLoopback(HOST) || ALLOW_REMOTE_WITHOUT_KEYS === '1';
}

/** Whether nobody else than this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
