import type { Redis } from 'ioredis';
import { redisConnection } from '#queue';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeWithRedis } from '../../../test/support/redis.js';

/** What BullMQ keeps of a queue for ever, whatever went through it: a few keys a queue, of bounded size. */
const OF_A_QUEUE = /^sparserec:(training|schedule|lists|training-blocks):(meta|id|events|marker)$/;
const MAX_EVENTS = 1_200;
/** Redis' answer when asked for how long a key lives. */
const HAS_NO_EXPIRY = -1;

describeWithRedis('what is left in Redis', () => {
  let service: TestService;
  let redis: Redis;

  beforeAll(async () => {
    service = await TestService.start({
      redis: true,
      env: { USER_CACHE_SECONDS: '8', MODEL_CACHE_SECONDS: '8' },
    });
    redis = redisConnection({ REDIS_URL: service.redis!.url });
  });
  afterAll(async () => {
    redis.disconnect();
    await service.stop();
  });

  const keys = () => redis.keys('*');
  const keysOfGone = async () => (await keys()).filter((key) => /:cache:(U:)?gone:/.test(key));

  it('is, after all was used, waited out and deleted, only what a queue owns', async () => {
    await service.send('PUT', '/v1/catalogs/gone');
    await service.send('POST', '/v1/catalogs/gone/interactions', { interactions: twoTastes(6) });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    for (const regularization of [5, 50])
      await service.train({ model: 'ease', parameters: { regularization } });
    for (let user = 0; user < 40; user++) await service.get(`users/user-${user}/recommendations`);
    const used = await keys();
    expect(used.some((key) => key.includes(':cache:default:model:'))).toBe(true);
    expect(used.filter((key) => key.includes(':cache:U:default:')).length).toBe(40);
    for (const key of used.filter((name) => name.includes(':cache:')))
      expect([key, await redis.ttl(key)]).not.toEqual([key, -1]);
    const schedule = { cron: '* * * * * *', timeZone: 'UTC', model: 'ease' };
    for (const name of ['often', 'gone'])
      expect((await service.send('PUT', `schedules/${name}`, schedule)).status).toBe(201);
    await waitFor('a tick', async () => (await service.get('schedules/often')).body.lastTickAt !== null);
    for (const name of ['often', 'gone']) await service.send('DELETE', `schedules/${name}`);
    for (const query of ['rotation=0.5', 'paging=true&k=1'])
      await service.get(`/v1/catalogs/gone/users/user-1/recommendations?${query}`);
    expect((await keysOfGone()).length).toBeGreaterThan(2);
    const { headers } = await service.send('DELETE', '/v1/catalogs/gone');
    const receipt = headers.get('location')!;
    await waitFor('the deletion', async () => (await service.get(receipt)).body.status === 'done');
    expect(await keysOfGone()).toEqual([]);
    await service.database.query("DELETE FROM models WHERE status <> 'active'");
    await waitFor('everything to expire', async () =>
      (await keys()).every((key) => OF_A_QUEUE.test(key) || key.endsWith(':stalled-check')),
    );
    const left = await keys();
    for (const key of left.filter((name) => !OF_A_QUEUE.test(name)))
      expect(await redis.ttl(key)).not.toBe(HAS_NO_EXPIRY);
    const streams = left.filter((name) => name.endsWith(':events'));
    expect(streams.length).toBeGreaterThan(0);
    for (const key of streams) expect(await redis.xlen(key)).toBeLessThan(MAX_EVENTS);
  }, 120_000);
});
