import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { KeyRing } from '#access';
import { isLoopback, type Environment } from '#config';
import { DomainError } from '#domain';
import { isOfOperators } from '../route-access.js';
import { CallLimits, type Verdict } from './call-limits.js';

/** Of whom calls are counted, and how many are let in a second. */
interface Quota {
  readonly subject: string;
  readonly limit: number;
}

/** Of pages that a key is shipped in. */
const VISITOR_CALLS_PER_SECOND = 50;
/** Of IPv6, the part of an address that tells networks apart: a host has all addresses of its network. */
const NETWORK_PARTS = 4;

/**
 * Refuses calls of a key that are more than it may make in a second, of a visitor of pages with a key, and of
 * an address without a valid key.
 * The answer says how many are left, by draft-ietf-httpapi-ratelimit-headers.
 */
export function limitCalls(app: NestFastifyApplication, environment: Environment): void {
  const [limits, ring] = [app.get(CallLimits), app.get(KeyRing)];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      const quota = quotaOf(request, ring, environment);
      if (!quota) {
        done();
        return;
      }
      const settle = (verdict: Verdict) => done(tell(reply, quota.limit, verdict));
      const verdict = limits.count(quota.subject, quota.limit);
      if (verdict instanceof Promise) verdict.then(settle, done);
      else settle(verdict);
    });
}

/** @returns null for calls that are not counted */
function quotaOf(request: FastifyRequest, ring: KeyRing, environment: Environment): Quota | null {
  if (isOfOperators(request)) return null;
  const { KEY_CALLS_PER_SECOND, ADDRESS_CALLS_PER_SECOND } = environment;
  const { apiKey } = request;
  if (apiKey?.origins) {
    const visitor = networkOf(addressOf(request));
    return { subject: `${apiKey.id} ${visitor}`, limit: apiKey.callsPerSecond ?? VISITOR_CALLS_PER_SECOND };
  }
  if (apiKey) {
    const limit = apiKey.callsPerSecond ?? KEY_CALLS_PER_SECOND;
    return limit > 0 ? { subject: apiKey.id, limit } : null;
  }
  if (ADDRESS_CALLS_PER_SECOND === 0 || (isLoopback(environment.HOST) && ring.isKnownOpen)) return null;
  return { subject: networkOf(addressOf(request)), limit: ADDRESS_CALLS_PER_SECOND };
}

/** A proxy may say "unknown", or add a port: then its own address counts. */
function addressOf({ ip, raw }: FastifyRequest): string {
  return ipaddr.isValid(ip) ? ip : (raw.socket.remoteAddress ?? '::');
}

function networkOf(ip: string): string {
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, NETWORK_PARTS).join(':') : ip;
}

/** @returns the refusal, if the call is refused */
function tell(
  reply: FastifyReply,
  limit: number,
  { isAllowed, remaining }: Verdict,
): DomainError | undefined {
  void reply.header('ratelimit-policy', `"calls";q=${limit};w=1`);
  void reply.header('ratelimit', `"calls";r=${remaining};t=1`);
  if (isAllowed) return undefined;
  return new DomainError('too-many-calls', `More than ${limit} calls came within a second; send fewer`, {
    retryAfterSeconds: 1,
  });
}
