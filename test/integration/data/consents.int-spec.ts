import { CatalogsRepository, ConsentsRepository, SnapshotReader, UserAttributesRepository } from '#data';
import type { Consent, JsonObject } from '#domain';
import { seededRandom } from '#models';
import { interaction, TestData } from './testing/test-data.js';

const [ALL, NONE] = [
  { training: true, personal: true },
  { training: false, personal: false },
];
const NO_TRAINING: Consent = { training: false, personal: true };
const NO_LISTS: Consent = { training: true, personal: false };

describe('what users allow', () => {
  const data = TestData.ofEachTest();
  const consents = () => new ConsentsRepository(data.database);
  const put = (userId: string, consent: Consent) => consents().put('default', userId, consent);
  const snapshot = () => new SnapshotReader(data.database).load('default');
  const historyOf = async (userId: string) =>
    (await data.interactions.loadHistories('default', [userId])).get(userId);
  const post = (userId: string, ...itemIds: string[]) =>
    data.interactions.record(
      'default',
      itemIds.map((itemId) => interaction(userId, itemId)),
    );

  it('is in the snapshots of everybody who has said no to nothing, or to lists alone', async () => {
    const random = seededRandom(5);
    const rows = Array.from({ length: 300 }, () =>
      interaction(`u${Math.floor(random() * 30)}`, `i${Math.floor(random() * 20)}`, {
        type: random() < 0.5 ? 'view' : 'buy',
      }),
    );
    await data.interactions.record('default', rows);
    const whole = await snapshot();
    for (const userId of ['u3', 'u4']) await put(userId, NO_TRAINING);
    await put('u5', NO_LISTS);
    const refusing = await snapshot();
    await put('u4', ALL);
    await put('u3', ALL);
    expect((await snapshot()).hash).toBe(whole.hash);

    expect(refusing.userKeys).toHaveLength(whole.userKeys.length - 2);
    const keys = await data.server.query(`SELECT user_key FROM users
      WHERE catalog_id = 'default' AND external_id NOT IN ('u3', 'u4') ORDER BY external_id COLLATE "C"`);
    expect([...refusing.userKeys]).toEqual(keys.rows.map(({ user_key }) => user_key));
    const rowOf = ({ userKeys, itemKeys, indptr, indices, values }: typeof whole, userKey: number) => {
      const row = userKeys.indexOf(userKey);
      const [from, to] = [indptr[row]!, indptr[row + 1]!];
      return [...indices.subarray(from, to)].map((index, e) => [itemKeys[index], values[from + e]]);
    };
    for (const userKey of refusing.userKeys) expect(rowOf(refusing, userKey)).toEqual(rowOf(whole, userKey));
  });

  it('leaves nothing of a history for lists, and gives all of it back', async () => {
    await post('ann', 'x', 'y');
    const before = await historyOf('ann');
    await put('ann', NO_LISTS);
    await post('ann', 'z');
    expect(await historyOf('ann')).toEqual({
      ...{ revision: 3, itemKeys: new Int32Array(), values: new Float32Array(), isRefused: true },
    });
    await put('ann', NO_TRAINING);
    expect(await historyOf('ann')).toMatchObject({ revision: 4, itemKeys: Int32Array.of(0, 1, 2) });
    expect(before).toEqual({ revision: 1, itemKeys: Int32Array.of(0, 1), values: Float32Array.of(1, 1) });
  });

  it('is told to caches when it changes, and not when it is so already', async () => {
    await post('ann', 'x');
    const told: number[] = [];
    const tell = (userId: string, consent: Consent) =>
      consents().put('default', userId, consent, {
        beforeCommit: (changed) => {
          told.push(...changed.map(({ revision }) => revision));
          return Promise.resolve(true);
        },
      });
    for (const consent of [ALL, NONE, NONE, NO_LISTS, ALL, ALL]) await tell('ann', consent);
    expect(told).toEqual([2, 3, 4]);
    expect(await data.count('refusals')).toBe(0);
    const epoch = async () => (await new CatalogsRepository(data.database).load('default')).cacheEpoch;
    const before = await epoch();
    await consents().put('default', 'ann', NONE, { beforeCommit: () => Promise.resolve(false) });
    expect(await epoch()).toBe(before + 1);
  });

  it('keeps what a boost could read of a user from it', async () => {
    await post('ann', 'x');
    const told: number[] = [];
    const describe = (tags: string[], metadata: JsonObject) =>
      new UserAttributesRepository(data.database).put('default', 'ann', { tags, metadata }, (changed) => {
        told.push(...changed.map(({ revision }) => revision));
        return Promise.resolve(true);
      });
    const metadata = { age: 31, ok: true, no: false, name: 'x', list: [1] };
    for (let n = 0; n < 2; n++) await describe(['member'], metadata);
    const traits = {
      tags: new Set(['member']),
      numbers: new Map([
        ['age', 31],
        ['ok', 1],
      ]),
    };
    expect((await historyOf('ann'))?.traits).toEqual(traits);
    await put('ann', NO_LISTS);
    expect(await historyOf('ann')).not.toHaveProperty('traits');
    await put('ann', ALL);
    expect((await historyOf('ann'))?.traits).toEqual(traits);
    await describe([], { name: 'x' });
    expect(await historyOf('ann')).not.toHaveProperty('traits');
    await describe([], {});
    expect([told, await data.count('user_attributes')]).toEqual([[2, 5, 6], 0]);
  });

  it('can be said before the first interaction, once and by many at the same time', async () => {
    await expect(consents().find('default', 'new')).rejects.toMatchObject({ code: 'user-not-found' });
    const all = await Promise.all([
      ...Array.from({ length: 6 }, (_, n) => put('new', n % 2 ? NONE : NO_LISTS)),
      ...Array.from({ length: 6 }, (_, n) => post('new', `i${n}`)),
    ]);
    expect(all).toHaveLength(12);
    expect([await data.count('users'), await data.count('refusals')]).toEqual([1, 1]);
    expect((await new CatalogsRepository(data.database).load('default')).userCount).toBe(1);
    expect(await historyOf('new')).toMatchObject({ isRefused: true, itemKeys: new Int32Array() });
    await put('new', ALL);
    expect((await historyOf('new'))?.itemKeys).toHaveLength(6);
    expect(await consents().find('default', 'new')).toEqual(ALL);
    await expect(consents().put('nowhere', 'new', NONE)).rejects.toMatchObject({ code: 'catalog-not-found' });
  });
});
