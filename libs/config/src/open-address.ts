import { isIP } from 'node:net';
import type { Environment } from './env.js';

type Addressing = Pick<
  Environment,
  'HOST' | 'REQUIRE_KEYS' | 'TRUST_PROXY' | 'PUBLIC_URL' | 'ALLOW_REMOTE_WITHOUT_KEYS'
>;

/**
 * Whether callers are let in without a key before the first one is made: on loopback, or where something
 * else guards the port expressly. Not behind a proxy, whose callers all come from its address.
 */
export function isOpenWithoutKeys({
  HOST,
  REQUIRE_KEYS,
  TRUST_PROXY,
  PUBLIC_URL,
  ALLOW_REMOTE_WITHOUT_KEYS,
}: Addressing): boolean {
  if (REQUIRE_KEYS === '1' || TRUST_PROXY !== null || PUBLIC_URL !== '') return false;
  return isLoopback(HOST) || ALLOW_REMOTE_WITHOUT_KEYS === '1';
}

/** Whether nobody else than this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
