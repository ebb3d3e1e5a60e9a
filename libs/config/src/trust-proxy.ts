import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

/** Whether to believe what the address says of the one before it; `hop` is 0 for the peer itself. */
export type TrustProxy = (address: string, hop: number) => boolean;

const MAX_HOPS = 32;
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const RULE = `write true for one proxy, the number of proxies from 1 to ${MAX_HOPS}, or their addresses or CIDRs, apart by commas`;

/** What is wrong with the setting and how to mend it; null when it is well formed. */
export function faultOfTrustProxy(text: string): string | null {
  if (text === '' || readHops(text) !== null) return null;
  return readList(text).every((part) => RANGES.includes(part) || isAddressOrCidr(part)) ? null : RULE;
}

/**
 * Fastify trusts nobody by a number, since it cannot know that the peer is a proxy. Whoever sets one says so.
 *
 * @param text well formed @returns null where nobody is trusted
 */
export function parseTrustProxy(text: string): TrustProxy | null {
  if (text === '') return null;
  const hops = readHops(text);
  if (hops !== null) return (_address, hop) => hop < hops;
  return proxyAddr.compile(readList(text));
}

function readHops(text: string): number | null {
  if (text === 'true') return 1;
  return /^[1-9]\d?$/.test(text) && Number(text) <= MAX_HOPS ? Number(text) : null;
}

function readList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const maxBits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (maxBits === 0 || address.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= maxBits);
}
