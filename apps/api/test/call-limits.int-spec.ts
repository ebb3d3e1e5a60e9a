import { Redis } from 'ioredis';
import { waitFor } from '../../../test/support/processes.js';
import { describeWithRedis, TestRedis } from '../../../test/support/redis.js';
import { CallLimits } from '../src/access/limits/call-limits.js';
import { SharedQuotas } from '../src/access/limits/shared-quotas.js';
import { quotaKey } from '../src/common/redis-keys.js';

const SECONDS = 2;
/** Had the test itself been away for longer, it could have left out the calls of a second. */
const LONGEST_PAUSE_MS = 300;

describeWithRedis('the limit of calls', () => {
  let redis: TestRedis;
  let clients: Redis[];
  beforeEach(async () => {
    redis = await TestRedis.start();
    clients = Array.from({ length: 3 }, () => connect(redis));
    // On a busy machine the first answer may come later than the limit of a command.
    const isThere = (client: Redis) =>
      client.ping().then(
        () => true,
        () => false,
      );
    await Promise.all(clients.map((client) => waitFor('Redis', () => isThere(client))));
  });
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await redis.stop();
  });

  /** Calls let in from the middle of a second to that of another: each second begins with its whole quota. */
  async function letIn(limit: number, callsATurn: readonly number[]): Promise<number> {
    const processes = clients.map((client) => new CallLimits(new SharedQuotas(client)));
    while (Date.now() % 1_000 < 400 || Date.now() % 1_000 > 500) await turn();
    const end = Math.floor(Date.now() / 1_000) * 1_000 + SECONDS * 1_000 + 500;
    let [allowed, turnAt, longestMs] = [0, Date.now(), 0];
    const call = async (process: CallLimits) => {
      if ((await process.count('subject', limit)).isAllowed) allowed++;
    };
    while (Date.now() < end) {
      await Promise.all(
        processes.flatMap((process, n) => Array.from({ length: callsATurn[n]! }, () => call(process))),
      );
      await turn();
      longestMs = Math.max(longestMs, Date.now() - turnAt);
      turnAt = Date.now();
    }
    return longestMs > LONGEST_PAUSE_MS ? letIn(limit, callsATurn) : allowed;
  }

  it.each([
    ['all processes get as many calls', 1_000, [10, 10, 10]],
    ['one of them gets most', 1_000, [1, 2, 60]],
    ['one of them gets all', 333, [0, 0, 20]],
    ['the limit is small', 40, [2, 2, 2]],
    ['the limit is one', 1, [1, 1, 1]],
  ])('holds within 5 % for all processes together when %s', async (_, limit, callsATurn) => {
    const allowed = await letIn(limit, callsATurn);
    const expected = limit * (SECONDS + 1);
    expect(allowed).toBeGreaterThanOrEqual(expected * 0.95);
    expect(allowed).toBeLessThanOrEqual(expected * 1.05);
  });

  it('asks Redis for few calls of many', async () => {
    const asked = jest.spyOn(SharedQuotas.prototype, 'lease');
    const limits = new CallLimits(new SharedQuotas(clients[0]!));
    for (let call = 0; call < 5_000; call++) await limits.count('subject', 10_000);
    expect(asked.mock.calls.length).toBeGreaterThan(0);
    expect(asked.mock.calls.length).toBeLessThan(5_000 / 50);
    asked.mockRestore();
  });

  it('is that of each process while Redis is away, and shared again once it is back', async () => {
    const limits = new CallLimits(new SharedQuotas(clients[0]!));
    await redis.stop();
    const verdicts = await Promise.all(Array.from({ length: 300 }, async () => limits.count('subject', 20)));
    const allowed = verdicts.filter(({ isAllowed }) => isAllowed).length;
    expect(allowed % 20).toBe(0);
    expect(allowed).toBeGreaterThan(0);
    await redis.start();
    await waitFor('a quota in Redis', async () => {
      await limits.count('subject', 20);
      return (await clients[1]!.exists(quotaKey('subject')).catch(() => 0)) === 1;
    });
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As that of the cache. */
function connect(redis: TestRedis): Redis {
  const client = new Redis(redis.url, {
    commandTimeout: 250,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  return client;
}
