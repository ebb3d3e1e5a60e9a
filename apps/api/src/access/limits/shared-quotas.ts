import type { Redis } from 'ioredis';
import { quotaKey } from '../../common/redis-keys.js';

/**
 * Takes calls out of what a subject may make in this second of Redis's clock: those that were made before
 * anybody asked, and then a lease of the wanted number, but at most an eighth of what is left. So little is
 * left unused by a process that another one could use.
 */
const TAKE = `
local time = redis.call('TIME')
local state = redis.call('HMGET', KEYS[1], 'second', 'taken')
local taken = ARGV[2] + (state[1] == time[1] and state[2] or 0)
local left = math.max(0, ARGV[1] - taken)
local calls = math.min(tonumber(ARGV[3]), math.ceil(left / 8))
redis.call('HSET', KEYS[1], 'second', time[1], 'taken', taken + calls)
redis.call('PEXPIRE', KEYS[1], 2000)
return { calls, left - calls, time[1] * 1000 + math.floor(time[2] / 1000) }
`;

/** Calls that a process may let in without asking again, within the second in which it was given. */
export interface Lease {
  readonly calls: number;
  /** What other leases may have. */
  readonly left: number;
  /** When it was given, by Redis's clock. */
  readonly atMs: number;
}

export interface LeaseRequest {
  /** Calls a second, of all processes together. */
  readonly limit: number;
  /** Calls that no lease was for. */
  readonly spent: number;
  readonly wanted: number;
}

/** What all processes together may let in, second by second. */
export class SharedQuotas {
  constructor(private readonly redis: Redis) {}

  async lease(subject: string, { limit, spent, wanted }: LeaseRequest): Promise<Lease> {
    const reply = await this.redis.eval(TAKE, 1, quotaKey(subject), limit, spent, wanted);
    const [calls, left, atMs] = reply as [number, number, number];
    return { calls, left, atMs };
  }
}
