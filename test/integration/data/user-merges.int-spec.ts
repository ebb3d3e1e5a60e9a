import {
  ConsentsRepository,
  ItemsRepository,
  PersonExportsRepository,
  SimilarUsersRepository,
  SnapshotReader,
  StoredInteractionsRepository,
  UserAttributesRepository,
  UserMergesRepository,
  UsersRepository,
  type ChangedUser,
} from '#data';
import { LIMITS, MERGED_ID_DAYS, type DatedInteraction } from '#domain';
import { addModel, readState } from './testing/merge-state.js';
import { AT, interaction, TestData } from './testing/test-data.js';

const dayOf = (day: number) => new Date(AT.getTime() + day * 86_400_000);
const DAY_MS = 86_400_000;
describe('two users who are merged', () => {
  const data = TestData.ofEachTest();
  const merges = () => new UserMergesRepository(data.database);
  const merge = (intoId: string, fromId: string, catalogId = 'default') =>
    merges().merge(catalogId, { intoId, fromId });
  const post = (...rows: DatedInteraction[]) => data.interactions.record('default', rows);
  const usersOf = async () => (await readState(data.server)).users;
  const itemsOf = async (userId: string) => {
    const rows = (await readState(data.server)).interactions;
    return rows.filter((row) => row.startsWith(`${userId} `)).map((row) => row.split(' ')[1]);
  };
  const endMergedId = (id: string) =>
    data.server.query('UPDATE merged_ids SET ends_at = now() WHERE external_id = $1', [id]);
  const deleteItem = (itemId: string, catalogId = 'default') =>
    new ItemsRepository(data.database).delete(catalogId, itemId);

  it('are one who did everything: rows, late ones, attributions, histories and snapshots', async () => {
    await data.server.query(`INSERT INTO catalogs (id) VALUES ('whole')`);
    const catalogs = { default: await addModel(data.server), whole: await addModel(data.server, 'whole') };
    for (const [catalogId, modelId] of Object.entries(catalogs)) {
      const [acc, old] = catalogId === 'whole' ? ['acc', 'acc'] : ['acc', 'old'];
      const issued = { modelId, issuedAt: AT, number: 5 };
      const record = (...rows: DatedInteraction[]) => data.interactions.record(catalogId, rows);
      await record(interaction('other', 'a'), interaction('other', 'b'), interaction('other', 'late'));
      await record(
        interaction(acc, 'a', { occurredAt: dayOf(1), type: 'buy', weight: 2 }),
        interaction(acc, 'b', { occurredAt: dayOf(2) }),
        interaction(acc, 'seen', { recommendedBy: issued }),
      );
      await record(
        // Equal to one of the other id, the same pair at another time, and a pair of its own.
        interaction(old, 'a', { occurredAt: dayOf(1), type: 'buy', weight: 9 }),
        interaction(old, 'b', { occurredAt: dayOf(4), type: 'buy', weight: 3 }),
        interaction(old, 'c', { occurredAt: dayOf(3) }),
        // Counted for the same list as the other one, and for another list.
        interaction(old, 'seen', { occurredAt: dayOf(2), recommendedBy: issued }),
        interaction(old, 'seen', { occurredAt: dayOf(3), recommendedBy: { ...issued, number: 6 } }),
      );
      await deleteItem('late', catalogId);
      await record(interaction(acc, 'late'), interaction(acc, 'late', { occurredAt: dayOf(1) }));
      await record(interaction(old, 'late'), interaction(old, 'late', { occurredAt: dayOf(2) }));
    }
    const { moved } = await merge('acc', 'old');
    expect(moved).toBe(5);
    const [state, whole] = [await readState(data.server), await readState(data.server, 'whole')];
    expect(state).toEqual({ ...whole, merged: ['old acc'] });
    for (const table of ['buy', 'view'])
      await data.server.query(
        `UPDATE interaction_types SET repeats = 'sum', half_life_days = 2 WHERE name = $1`,
        [table],
      );
    const historyIn = async (catalogId: string) => {
      const { revision: _, ...history } = (await data.interactions.loadHistories(catalogId, ['acc'])).get(
        'acc',
      )!;
      const { values } = await new SnapshotReader(data.database).load(catalogId);
      return [history, values];
    };
    expect(await historyIn('default')).toEqual(await historyIn('whole'));
  });

  it('are told to caches with both ids, and make one of a user who is not known', async () => {
    const told: ChangedUser[] = [];
    const beforeCommit = (changed: readonly ChangedUser[]) => {
      told.push(...changed);
      return Promise.resolve(true);
    };
    await post(interaction('old', 'a'), interaction('other', 'a'));
    const before = (await data.server.query(`SELECT created_at FROM users WHERE external_id = 'old'`)).rows;
    const merged = await merges().merge('default', { intoId: 'acc', fromId: 'old' }, { beforeCommit });
    expect(merged).toMatchObject({ userId: 'acc', mergedId: 'old', moved: 1, isNew: true });
    expect(merged.endsAt.getTime() - Date.now()).toBeGreaterThan((MERGED_ID_DAYS - 1) * DAY_MS);
    expect(told).toEqual([
      { userId: 'acc', userKey: 2, revision: 1 },
      { userId: 'old', userKey: 0, revision: 2 },
    ]);
    expect((await data.server.query(`SELECT created_at FROM users WHERE external_id = 'acc'`)).rows).toEqual(
      before,
    );
    told.length = 0;
    await merges().merge('default', { intoId: 'acc', fromId: 'unheard-of' }, { beforeCommit });
    expect(told).toEqual([{ userId: 'unheard-of', userKey: -1, revision: 1 }]);
    await merges().merge(
      'default',
      { intoId: 'acc', fromId: 'other' },
      { beforeCommit: () => Promise.resolve(false) },
    );
    expect((await data.server.query('SELECT cache_epoch FROM catalogs')).rows).toEqual([{ cache_epoch: 2 }]);
    expect(await usersOf()).toEqual(['acc']);
  });

  it('allow what both have allowed, and have the attributes of the user, and others that the other one has', async () => {
    const [consents, attributes] = [
      new ConsentsRepository(data.database),
      new UserAttributesRepository(data.database),
    ];
    const large = { text: 'x'.repeat(LIMITS.metadataBytes - 12) };
    for (const [id, consent, tags, metadata] of [
      ['a', { training: false, personal: true }, [], { n: 1 }],
      ['b', { training: true, personal: false }, ['b'], { n: 2, m: 2 }],
      ['c', { training: true, personal: true }, ['c'], large],
    ] as const) {
      await consents.put('default', id, consent);
      await attributes.put('default', id, { tags, metadata });
    }
    const stateOf = async () => {
      const { rows } = await data.server.query('SELECT tags, metadata FROM user_attributes');
      return [await consents.find('default', 'b'), ...rows];
    };
    await merge('a', 'b');
    await merge('a', 'c');
    const merged = { tags: ['b'], metadata: { n: 1, m: 2 } };
    expect(await stateOf()).toEqual([{ training: false, personal: false }, merged]);
    await consents.put('default', 'b', { training: true, personal: true });
    async function* file() {
      yield [
        { userId: 'a', tags: ['y'], metadata: {} },
        { userId: 'c', tags: ['z'], metadata: {} },
      ];
      await Promise.resolve();
    }
    const { users } = await data.imports.importAll('default', { users: file() });
    expect([users, (await stateOf())[1].tags]).toEqual([{ created: 0, updated: 1 }, ['z']]);
    expect((await attributes.put('default', 'c', { tags: ['x'], metadata: {} })).userId).toBe('a');
    expect(await stateOf()).toEqual([
      { training: true, personal: true },
      { tags: ['x'], metadata: {} },
    ]);
    expect(await usersOf()).toEqual(['a']);
    await merge('new', 'a');
    expect(await stateOf()).toEqual([
      { training: true, personal: true },
      { tags: ['x'], metadata: {} },
    ]);
  });

  it('are merged once: twice, both ways, through an id that was merged, and never two persons', async () => {
    await post(interaction('a', 'x'), interaction('b', 'y'), interaction('c', 'z'), interaction('d', 'x'));
    const first = await merge('a', 'b');
    expect(await merge('a', 'b')).toEqual({ ...first, moved: 0, isNew: false, changedUsers: [] });
    expect(await merge('b', 'a')).toMatchObject({ userId: 'a', mergedId: 'b', moved: 0, isNew: false });
    expect(await merge('b', 'c')).toMatchObject({ userId: 'a', mergedId: 'c', moved: 1 });
    expect(await merge('b', 'c')).toMatchObject({ userId: 'a', mergedId: 'c', isNew: false });
    await expect(merge('d', 'b')).rejects.toMatchObject({ code: 'user-merged' });
    // The whole user goes on, with all its ids.
    expect(await merge('d', 'a')).toMatchObject({ userId: 'd', mergedId: 'a', moved: 2 });
    for (const id of ['a', 'b', 'c'])
      expect(await merge('d', id)).toMatchObject({ userId: 'd', isNew: false });
    await post(interaction('b', 'late'));
    expect(await itemsOf('d')).toEqual(['late', 'x', 'y', 'z']);
    expect(await usersOf()).toEqual(['d']);
  });

  it.each([1, 2, 3])('become one however merges of them meet (round %d)', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    await post(...ids.map((id) => interaction(id, id)));
    const pairs = ids.flatMap((into) =>
      ids.filter((from) => from !== into).map((from) => [into, from] as const),
    );
    const outcomes = await Promise.allSettled(pairs.map(([into, from]) => merge(into, from)));
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'user-merged' });
    const users = await usersOf();
    const { rows } = await data.server.query('SELECT into_id, merges FROM merged_ids, catalogs');
    // Every id that is no user names one, and none names an id that was merged.
    expect(rows).toHaveLength(4 - users.length);
    for (const { into_id, merges: count } of rows)
      expect([users.includes(into_id), count]).toEqual([true, rows.length]);
    expect((await readState(data.server)).interactions).toHaveLength(4);
  });

  it('are named by either id in every call until the end, and then by one', async () => {
    await post(interaction('acc', 'a'), interaction('old', 'b'), interaction('other', 'a'));
    await merge('acc', 'old');
    const { database, interactions } = data;
    const page = { filter: {}, after: null, limit: 9 };
    const readAs = async (id: string) => ({
      ...(await new UsersRepository(database).summarize('default', id)),
      stored: (await new StoredInteractionsRepository(database).findOfUser('default', id, page)).items,
      similar: await new SimilarUsersRepository(database).findNearest('default', id, 5),
      ids: await new PersonExportsRepository(database).findIds('default', id),
    });
    expect(await readAs('old')).toEqual(await readAs('acc'));
    expect(await interactions.loadHistory('default', 'old')).toEqual({ userId: 'acc' });
    expect(await interactions.deleteOf('default', 'old', { itemIds: ['a'] })).toMatchObject({ deleted: 1 });
    expect(await itemsOf('acc')).toEqual(['b']);

    const rows = [interaction('old', 'keyed'), interaction('acc', 'keyed'), interaction('new', 'keyed')];
    expect(await post(...rows)).toMatchObject({ stored: 2, duplicates: 1 });
    expect(await post(interaction('old', 'staged', { type: 'rare' }))).toMatchObject({ stored: 1 });
    async function* file(count: number) {
      const item = (n: number) => `file-${n % 3}`;
      yield Array.from({ length: count }, (_, n) =>
        interaction(n % 2 ? 'old' : 'acc', item(n), { occurredAt: dayOf(n) }),
      );
      await Promise.resolve();
    }
    for (const count of [4, LIMITS.interactionsPerRequest + 1])
      expect(await data.imports.importAll('default', { interactions: file(count) })).toMatchObject({
        stored: count === 4 ? 4 : count - 4,
      });
    expect(await usersOf()).toEqual(['acc', 'new', 'other']);

    await endMergedId('old');
    expect(await interactions.loadHistory('default', 'old')).toBeNull();
    await expect(readAs('old')).rejects.toMatchObject({ code: 'user-not-found' });
    await post(interaction('old', 'again'));
    expect([await usersOf(), await itemsOf('old')]).toEqual([['acc', 'new', 'old', 'other'], ['again']]);
    for await (const deleted of merges().deleteOld()) expect(deleted).toBe(1);
    expect(await merge('acc', 'old')).toMatchObject({ moved: 1, isNew: true });
  });
});
