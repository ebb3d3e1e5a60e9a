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
const LISTS = ['users/user-0/recommendations', 'items/item-1/similar', 'popular'];

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

  const estimateOf = async (model: string, parameters: object = {}) =>
    (await service.send('POST', 'training-estimates', { model, parameters })).body;

  it('is estimated before any run, by what machines usually do', async () => {
    for (const model of modelRegistry.keys())
      expect(await estimateOf(model)).toMatchObject({
        ...{ basis: 'assumed', numUsers: 43, numItems: 24, numInteractions: 326 },
        ...{ bytes: expect.any(Number), seconds: expect.any(Number), budgetBytes: expect.any(Number) },
      });
    const { errors } = await estimateOf('ease', { regularization: -1 });
    expect(errors[0].pointer).toBe('#/parameters/regularization');
  });

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

  it('is estimated by the last run of the kind, or by another one', async () => {
    const [last] = [...modelRegistry.keys()].reverse();
    const trained = (await service.get('training-runs?limit=1')).body.items[0];
    expect(trained.model).toBe(last);
    const { basis, seconds } = await estimateOf(last!);
    expect(basis).toBe('same-kind');
    const stages = ['loading', 'fitting', 'evaluating', 'refitting', 'writing'];
    const tookMs = stages.reduce((sum, stage) => sum + Number(trained.timingsMs[stage] ?? 0), 0);
    // Pairs that only say what somebody does not like are no interactions of the model.
    expect((1_000 * seconds) / tookMs).toBeCloseTo(1, 1);
    expect((await service.get('training-runs?schedule=none')).body.items).toEqual([]);
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

  it('makes the lists of a model that a call names, as when it was the active one', async () => {
    const models: string[] = (await service.get('models')).body.items.map(({ id }: { id: string }) => id);
    const bodies: Record<string, object> = {};
    for (const id of models) {
      await service.send('POST', `models/${id}/activate`);
      bodies[id] = await listsOf({});
    }
    for (const id of models) expect(await listsOf({ model: id })).toEqual(bodies[id]);
    expect(new Set(Object.values(bodies).map((lists) => JSON.stringify(lists))).size).toBe(models.length);
  });

  it('counts a list, and its pages, for the model that it names', async () => {
    const [active, model]: string[] = (await service.get('models')).body.items.map(
      ({ id }: { id: string }) => id,
    );
    await service.send('POST', `models/${active}/activate`);
    const countOf = async (id: string | undefined) =>
      (await service.get(`models/${id}`)).body.attribution.recommendations as number;
    const before = [await countOf(active), await countOf(model)];
    const path = 'users/user-0/recommendations?k=2';
    const first = (await service.get(`${path}&paging=true&model=${model}`)).body;
    const second = (await service.get(`${path}&cursor=${first.nextCursor}`)).body;
    expect([first.modelId, second.modelId]).toEqual([model, model]);
    expect(second.items[0].source).toBe('model');
    expect([await countOf(active), await countOf(model)]).toEqual([before[0], before[1]! + 2]);
    const kind = 'chosen-models';
    const { entries } = (await service.get('usage')).body;
    expect(entries.find((entry: { kind: string }) => entry.kind === kind).count).toBeGreaterThan(0);
  });

  it('says that there is no such model, in a batch on its line', async () => {
    const model = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';
    await service.send('PUT', '/v1/catalogs/another');
    const [{ id }] = (await service.get('models')).body.items;
    const replies = [
      ...(await Promise.all(LISTS.map((path) => service.get(`${path}?model=${model}`)))),
      await service.send('POST', 'recommendations', { items: [], model }),
      await service.get(`/v1/catalogs/another/popular?model=${id}`),
    ];
    for (const { status, body } of replies)
      expect([status, body.type]).toEqual([404, '/problems/model-not-found']);
    const requests = [{ userId: 'user-1', model }, { userId: 'user-1' }];
    const lines = String((await service.send('POST', 'recommendations/batch', { requests })).body).split(
      '\n',
    );
    expect(JSON.parse(lines[0]!).error.type).toBe('/problems/model-not-found');
    expect(JSON.parse(lines[1]!).items).toHaveLength(16);
  });

  /** One of each kind, without the ids that each answer has anew. */
  async function listsOf(options: { readonly model?: string }): Promise<object> {
    const query = new URLSearchParams({ k: '9', ...options });
    const items = [{ itemId: 'item-1' }, { itemId: 'item-4' }];
    const requests = [{ userId: 'user-3', ...options, boost: 'score * 2' }];
    const lines = await service.send('POST', 'recommendations/batch', { requests });
    const replies = [
      ...(await Promise.all(LISTS.map((path) => service.get(`${path}?${query}`)))),
      await service.get(`users/user-1/recommendations?${query}&explain=true&diversity=0.4`),
      await service.send('POST', 'recommendations', { items, ...options, explain: true, k: 9 }),
      { ...lines, body: JSON.parse(lines.body) },
    ];
    for (const { status } of replies) expect(status).toBe(200);
    return replies.map(({ body: { recommendationId: _, ...list } }) => list);
  }
});
