import { modelRegistry } from '#models';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';

/** Of kinds whose defaults take longer than a test should. */
const PARAMETERS: Readonly<Record<string, object>> = {
  ials: { factors: 8 },
  lightgcl: { factors: 8, epochs: 2, patience: 0 },
};
const DISLIKED = ['item-2', 'item-4'];
const CALLERS = 4;
const ROUNDS = 3;

describe('every kind of model', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('PUT', 'interaction-types/dislike', { positive: false });
    const record = (userId: string, type: string, itemIds: readonly string[]) =>
      itemIds.map((itemId) => ({ userId, itemId, type }));
    const interactions = [
      ...record('fan', 'buy', ['item-0']),
      ...record('critic', 'buy', ['item-0']),
      ...['critic', 'grump'].flatMap((userId) => record(userId, 'dislike', DISLIKED)),
    ];
    expect((await service.send('POST', 'interactions', { interactions })).body.stored).toBe(6);
  });
  afterAll(() => service.stop());

  it.each([...modelRegistry.keys()])('%s is trained by a run and served by the same calls', async (kind) => {
    const run = await service.train({ model: kind, parameters: PARAMETERS[kind] ?? {} });
    expect(run).toMatchObject({ status: 'succeeded', model: kind });
    const history = Array.from({ length: 8 }, (_, n) => ({ itemId: `item-${2 * (n % 12)}` }));
    const lists = [
      await service.get('users/user-0/recommendations?k=4&explain=true'),
      await service.send('POST', 'recommendations', { items: history, k: 4 }),
      await service.get('items/item-0/similar?k=4'),
    ];
    for (const { status, body } of lists) {
      expect(status).toBe(200);
      expect(body.modelId).toBe(run.modelId);
      expect(body.items).toHaveLength(4);
      expect(body.items[0].source).toBe('model');
    }
    for (const { score, because } of lists[0]!.body.items) {
      const sum = because.reduce((total: number, { part }: { part: number }) => total + part, 0);
      const explained = kind === 'popularity' ? 0 : score;
      expect(because.length > 0).toBe(kind !== 'popularity');
      expect(Math.abs(sum - explained)).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(score)));
    }
    await expectDislikesSeenOnly(kind);
  });

  /**
   * Whoever dislikes items has the list, the scores and the reasons of someone who does not
   * know them, without them.
   */
  async function expectDislikesSeenOnly(kind: string): Promise<void> {
    const listOf = async (userId: string): Promise<{ itemId: string; because?: { itemId: string }[] }[]> =>
      (await service.get(`users/${userId}/recommendations?k=100&explain=true`)).body.items;
    const others = async (userId: string) =>
      (await listOf(userId)).filter(({ itemId }) => !DISLIKED.includes(itemId));
    const ofCritic = await listOf('critic');
    expect(ofCritic).toEqual(await others('fan'));
    expect(ofCritic.length).toBeGreaterThan(20);
    const reasons = ofCritic.flatMap(({ because = [] }) => because.map(({ itemId }) => itemId));
    expect(reasons.length > 0).toBe(kind !== 'popularity');
    expect(new Set(reasons)).not.toContain('item-2');
    expect(new Set(reasons)).not.toContain('item-4');
    expect(await listOf('grump')).toEqual(await others('nobody'));
  }

  it('takes the place of another while calls are answered, without one that fails', async () => {
    // Only the newest are kept, so the first kinds are gone by now.
    const { body: kept } = await service.get('/v1/catalogs/default/models');
    const models: string[] = kept.items.map(({ id }: { id: string }) => id);
    let isSwitching = true;
    const seen = new Map<string, number>();
    const failed: unknown[] = [];
    const call = async (caller: number) => {
      while (isSwitching) {
        const { status, body } = await service.get(`users/user-${caller}/recommendations?k=3`);
        if (status !== 200 || body.items.length !== 3) failed.push(body);
        seen.set(body.modelId, (seen.get(body.modelId) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: CALLERS }, (_, caller) => call(caller));
    const refused: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const id of models) {
        const { status } = await service.send('POST', `models/${id}/activate`);
        if (status !== 200) refused.push(status);
      }
    isSwitching = false;
    await Promise.all(callers);
    expect(failed).toEqual([]);
    expect(refused).toEqual([]);
    expect(models.length).toBeGreaterThan(3);
    expect(models).toEqual(expect.arrayContaining([...seen.keys()]));
    expect(seen.size).toBeGreaterThan(1);
  });
});
