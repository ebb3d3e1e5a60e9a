import type { Redis } from 'ioredis';
import { redisConnection } from '#queue';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { describeWithRedis } from '../../../test/support/redis.js';

/** As docs/formats.md has them: revision 16 digits, version, flags, checksum, and then what is checked. */
const USER_SECTIONS = { revision: [0, 15], version: [16], flags: [17], checksum: [18, 21], numbers: [22] };
const FRAME_SECTIONS = { magic: 0, version: 4, checksum: 8, jsonLength: 12, length: 16, json: 24 };

function flipped(bytes: Buffer, place: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[place]! ^= 0x41;
  return changed;
}

describeWithRedis('damaged state', () => {
  let service: TestService;
  let redis: Redis;
  let models: string[];

  beforeAll(async () => {
    service = await TestService.start({ redis: true });
    redis = redisConnection({ REDIS_URL: service.redis!.url });
    await service.send('PUT', 'interaction-types/peek', { excludesSeen: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('POST', 'interactions', {
      interactions: ['item-0', 'item-2', 'item-4', 'item-5'].map((itemId, n) => ({
        userId: 'eve',
        itemId,
        type: n < 2 ? 'peek' : 'buy',
        weight: 1.1 + n,
      })),
    });
    const runs = [];
    for (const regularization of [5, 50])
      runs.push(await service.train({ model: 'ease', parameters: { regularization } }));
    models = runs.map(({ modelId }) => modelId as string);
  });
  afterAll(async () => {
    redis.disconnect();
    await service.stop();
  });

  const answer = async () => {
    const { status, body } = await service.get('users/eve/recommendations?k=20&explain=true');
    return { status, items: body.items, modelId: body.modelId };
  };
  const keyLike = async (pattern: RegExp) => (await redis.keys('*')).find((key) => pattern.test(key))!;
  const activate = (id: string) => service.send('POST', `models/${id}/activate`);

  it('of a user in Redis is found, dropped and made anew from PostgreSQL, wherever it is', async () => {
    const right = await answer();
    const key = await keyLike(/:U:default:\d+:eve$/);
    const bytes = (await redis.getBuffer(key))!;
    const payload = Array.from({ length: bytes.length - 22 }, (_, n) => 22 + n);
    const places = [...Object.values(USER_SECTIONS).flat(), ...payload];
    const damaged = [
      ...places.map((place) => flipped(bytes, place)),
      ...[0, 1, 15, 16, 17, 21, 22, bytes.length - 1].map((length) => bytes.subarray(0, length)),
      Buffer.concat([bytes, Buffer.of(0)]),
    ];
    for (const value of damaged) {
      await redis.set(key, value, 'EX', 600);
      expect(await answer()).toEqual(right);
      expect((await redis.getBuffer(key))!.equals(bytes)).toBe(true);
    }
  });

  it('of an artifact in Redis is found and made anew from PostgreSQL, wherever it is', async () => {
    const [other, model] = [models[0]!, models[1]!];
    const right = await answer();
    const key = await keyLike(new RegExp(`:model:${model}:0$`));
    const bytes = (await redis.getBuffer(key))!;
    const rest = Array.from({ length: 12 }, (_, n) => Math.floor(((n + 1) * (bytes.length - 1)) / 12));
    const damaged = [
      ...[...Object.values(FRAME_SECTIONS), ...rest].map((place) => flipped(bytes, place)),
      ...[0, 4, 24, bytes.length - 1].map((length) => bytes.subarray(0, length)),
    ];
    for (const value of damaged) {
      await activate(other);
      await redis.set(key, value, 'EX', 600);
      expect((await activate(model)).status).toBe(200);
      expect(await answer()).toEqual(right);
      expect((await redis.getBuffer(key))!.equals(bytes)).toBe(true);
    }
  });

  it('of an artifact in PostgreSQL is refused by name, and the last model stays', async () => {
    const [other, model] = [models[0]!, models[1]!];
    await activate(model);
    const right = await answer();
    const { rows } = await service.database.query('SELECT bytes FROM model_chunks WHERE model_id = $1', [
      other,
    ]);
    const bytes = rows[0].bytes as Buffer;
    for (const place of [...Object.values(FRAME_SECTIONS), bytes.length >> 1, bytes.length - 1]) {
      await service.database.query('UPDATE model_chunks SET bytes = $2 WHERE model_id = $1', [
        other,
        flipped(bytes, place),
      ]);
      const refused = await activate(other);
      expect([refused.status, refused.body.type]).toEqual([409, '/problems/model-corrupt']);
      expect(refused.body.detail).toContain(other);
      expect(await answer()).toEqual(right);
    }
    await service.database.query('UPDATE model_chunks SET bytes = $2 WHERE model_id = $1', [other, bytes]);
    expect((await activate(other)).status).toBe(200);
  });
});
