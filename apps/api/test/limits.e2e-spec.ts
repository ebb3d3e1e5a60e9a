import { setTimeout as delay } from 'node:timers/promises';
import { TestService, type AnotherApi } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

/** Of a key whose calls go to both processes; a lease of each is 5 % of it. */
const SHARED_LIMIT = 100;
/** Had the test itself been away for longer, it could have left out calls of a second. */
const LONGEST_PAUSE_MS = 250;

const LIMITS = { KEY_CALLS_PER_SECOND: '20', ADDRESS_CALLS_PER_SECOND: '10' };

describeOnBackends('more calls than a caller may make in a second', ({ redis }) => {
  let service: TestService;
  let other: AnotherApi;
  beforeAll(async () => {
    service = await TestService.start({ redis, worker: false, needsKeys: true, env: LIMITS });
    other = await service.startAnotherApi({ REQUIRE_KEYS: '1', ...LIMITS });
  });
  afterAll(async () => {
    await other.process.kill();
    await service.stop();
  });

  const calls = (headers: Readonly<Record<string, string>>, path = '/v1/catalogs', count = 200) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        fetch((n % 2 === 0 ? service.url : other.url) + path, { headers }),
      ),
    );
  const statusesOf = (answers: readonly Response[]) =>
    [...new Set(answers.map(({ status }) => status))].sort();
  const makeKey = async (fields: object = { name: 'other', scopes: ['admin'] }) => {
    await waitFor('a call', async () => (await service.get('/v1/catalogs')).status === 200);
    const made = await service.send('POST', '/v1/keys', fields);
    return { authorization: `Bearer ${(made.body as { token: string }).token}` };
  };

  it('are refused by a 429 that says when to come again, and other keys are let in', async () => {
    const otherKey = await makeKey();
    const answers = await calls(service.keyHeader);
    expect(statusesOf(answers)).toEqual([200, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toBe('"calls";r=0;t=1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"calls";q=20;w=1');
    expect(await refused.json()).toMatchObject({
      ...{ type: '/problems/too-many-calls', status: 429 },
      detail: 'More than 20 calls came within a second; send fewer',
    });
    const allowed = answers.find(({ status }) => status === 200)!;
    expect(allowed.headers.get('ratelimit')).toMatch(/^"calls";r=\d+;t=1$/);
    await waitFor(
      'the other key',
      async () => (await fetch(other.url + '/v1/catalogs', { headers: otherKey })).ok,
    );
    await waitFor('the next second', async () => (await service.get('/v1/catalogs')).status === 200);
  });

  it('are refused by address where they have no valid key', async () => {
    expect(statusesOf(await calls({}))).toEqual([401, 429]);
    const guessed = { authorization: 'Bearer guessed' };
    await waitFor(
      'the next second',
      async () => statusesOf(await calls(guessed, '/v1/catalogs', 1))[0] === 401,
    );
    expect(statusesOf(await calls(guessed))).toContain(429);
    await waitFor('a call with a key', async () => (await service.get('/v1/catalogs')).status === 200);
  });

  it('are those that the key itself may make, where it says how many', async () => {
    const { authorization } = await makeKey({ name: 'slow', scopes: ['admin'], callsPerSecond: 3 });
    const answers = await calls({ authorization });
    expect(statusesOf(answers)).toEqual([200, 429]);
    expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"calls";q=3;w=1');
  });

  it('are counted for each visitor of pages with a key', async () => {
    const origin = 'https://shop.example';
    const key = await makeKey({ name: 'page', scopes: ['read'], origins: [origin], callsPerSecond: 2 });
    const from = (visitor: string) => ({ ...key, origin, 'x-forwarded-for': visitor });
    const popular = '/v1/catalogs/default/popular';
    const proxied = await service.startAnotherApi({ TRUST_PROXY: 'true', ...LIMITS });
    try {
      const statusOf = async (visitor: string) =>
        (await fetch(proxied.url + popular, { headers: from(visitor) })).status;
      await waitFor('the first visitor to be refused', async () => (await statusOf('192.0.2.1')) === 429);
      const others = await Promise.all(Array.from({ length: 20 }, (_, n) => statusOf(`192.0.2.${n + 2}`)));
      expect(new Set(others)).toEqual(new Set([200]));
      // What a client made up stands in front of what its proxy has added.
      let numForged = 0;
      await waitFor(
        'one who forges addresses to be refused',
        async () => (await statusOf(`10.1.1.${numForged++ % 250}, 192.0.2.1`)) === 429,
      );
    } finally {
      await proxied.process.kill();
    }
  });

  it('are answered where they ask for health', async () => {
    expect(statusesOf(await calls({}, '/health/live'))).toEqual([200]);
  });

  it('are counted where they ask for the page, which needs no key either', async () => {
    expect(statusesOf(await calls({}, '/'))).toContain(429);
    await waitFor('a call with a key', async () => (await service.get('/v1/catalogs')).status === 200);
  });

  if (redis)
    it('are those of both processes together, within 5 %', async () => {
      const headers = await makeKey({ name: 'shared', scopes: ['admin'], callsPerSecond: SHARED_LIMIT });
      await waitFor('the key', async () => (await fetch(`${other.url}/v1/catalogs`, { headers })).ok);
      const allowed = await letInOverTwoSeconds(() => calls(headers, '/v1/catalogs', 20));
      expect(allowed).toBeGreaterThanOrEqual(2 * SHARED_LIMIT * 0.95);
      expect(allowed).toBeLessThanOrEqual(2 * SHARED_LIMIT * 1.05);
    });

  if (redis)
    it('are refused by each process for itself while Redis is away', async () => {
      await service.redis!.stop();
      try {
        expect(statusesOf(await calls(service.keyHeader))).toEqual([200, 429]);
      } finally {
        await service.redis!.start();
      }
    });
});

/**
 * How many calls were let in from the middle of a second in which there was none before to that of the next
 * one, by callers who were refused some in both: so the quotas of both were used up.
 */
async function letInOverTwoSeconds(call: () => Promise<Response[]>): Promise<number> {
  const second = () => Math.floor(Date.now() / 1_000);
  const first = second() + 1;
  while (second() < first || Date.now() % 1_000 < 450) await delay(5);
  const refused = new Set<number>();
  let [allowed, longestMs] = [0, 0];
  for (let at = Date.now(); at < (first + 1.55) * 1_000; at = Date.now()) {
    const answers = await call();
    if (answers.some(({ status }) => status === 429)) refused.add(second());
    allowed += answers.filter(({ ok }) => ok).length;
    longestMs = Math.max(longestMs, Date.now() - at);
  }
  const isMeasured = longestMs <= LONGEST_PAUSE_MS && refused.has(first) && refused.has(first + 1);
  return isMeasured ? allowed : letInOverTwoSeconds(call);
}

describe('a process whose event loop is late', () => {
  it('refuses calls until it is in time again, but answers operators', async () => {
    const service = await TestService.start({ redis: false, worker: false, env: { MAX_DELAY_MS: '250' } });
    const holdBack = setInterval(() => {
      process.kill(service.api.pid, 'SIGSTOP');
      setTimeout(() => process.kill(service.api.pid, 'SIGCONT'), 600);
    }, 620);
    try {
      const refused = await waitFor('a refusal', async () => {
        const answer = await service.get('/v1/catalogs');
        return answer.status === 503 ? answer : null;
      });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.body).toMatchObject({ type: '/problems/too-busy', status: 503 });
      expect((await service.get('/health/live')).status).toBe(200);
      await service.api.waitForEvent('api.late');
    } finally {
      clearInterval(holdBack);
      await waitFor('the process to go on', async () => {
        process.kill(service.api.pid, 'SIGCONT');
        return (await service.get('/v1/catalogs')).status === 200;
      });
      await service.api.waitForEvent('api.in-time');
      await service.stop();
    }
  });
});
