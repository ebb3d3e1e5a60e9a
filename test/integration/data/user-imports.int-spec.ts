import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  CatalogsRepository,
  ConsentsRepository,
  ExportsRepository,
  SnapshotReader,
  UserAttributesRepository,
} from '#data';
import type { DomainError, ImportedUser } from '#domain';
import { seededRandom } from '#models';
import { waitFor } from '../../support/processes.js';
import { interaction, TestData } from './testing/test-data.js';

async function* inChunks<Row>(rows: readonly Row[], size = 1_000): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += size) {
    yield rows.slice(from, from + size);
    await Promise.resolve();
  }
}

describe('an import of users', () => {
  const data = TestData.ofEachTest();
  const catalog = (name: string) => new CatalogsRepository(data.database).load(name);
  const put = async (
    name: string,
    users: readonly ImportedUser[],
    interactions = inChunks([interaction('x', 'y')]),
  ) => (await data.imports.importAll(name, { users: inChunks(users), interactions })).users;
  const exported = async (name: string) => {
    const output = new PassThrough();
    const all = text(output);
    await new ExportsRepository(data.database).write(name, 'users', 'jsonl', output);
    output.end();
    return all;
  };
  const newCatalog = (name: string) => new CatalogsRepository(data.database).create(name);

  /** One user by calls, in the order of the file. */
  const putOne = async (name: string, { userId, tags, metadata, ...said }: ImportedUser) => {
    await new UserAttributesRepository(data.database).put(name, userId, { tags, metadata });
    const consents = new ConsentsRepository(data.database);
    const { training, personal } = await consents.find(name, userId);
    await consents.put(name, userId, { training, personal, ...said });
  };

  it('leaves what a call for each of them leaves, of any file after any other', async () => {
    const random = seededRandom(23);
    const below = (n: number) => Math.floor(random() * n);
    const flag = (name: string) => (below(3) > 0 ? { [name]: below(2) > 0 } : {});
    const file = (): ImportedUser[] =>
      Array.from({ length: 60 }, () => ({
        userId: `u${below(25)}`,
        tags: ['a', 'b', 'c'].slice(below(4)),
        metadata: below(2) > 0 ? { n: below(3), text: 'x' } : {},
        ...flag('training'),
        ...flag('personal'),
      }));
    for (const name of ['fast', 'slow']) {
      await newCatalog(name);
      await data.interactions.record(name, [interaction('u1', 'i'), interaction('x', 'y')]);
    }
    for (let round = 0; round < 4; round++) {
      const users = file();
      const before = (await catalog('fast')).userCount;
      const { created, updated } = await put('fast', users);
      // Of an id that comes twice the last one counts.
      const last = [...new Map(users.map((user) => [user.userId, user])).values()];
      for (const user of last) await putOne('slow', user);
      expect(await exported('fast')).toBe(await exported('slow'));
      expect(created + updated).toBe(last.length);
      expect((await catalog('fast')).userCount).toBe(before + created);
      const [one, other] = [await exported('fast'), await exported('slow')].map(
        (rows) => rows.split('\n').length,
      );
      expect([(await catalog('fast')).userCount + 1, other]).toEqual([one, one]);
    }
    const rows = async (table: string, name: string) => data.count(table, `catalog_id = '${name}'`);
    for (const table of ['users', 'refusals', 'user_attributes'])
      expect([table, await rows(table, 'fast')]).toEqual([table, await rows(table, 'slow')]);
    const before = (await catalog('fast')).cacheEpoch;
    const again = JSON.parse(`[${(await exported('fast')).trim().split('\n').join(',')}]`) as ImportedUser[];
    await put(
      'fast',
      again.map(({ userId, training, personal, tags, ...rest }) => ({
        ...{ userId, training, personal, tags },
        metadata: Object.fromEntries(
          Object.entries(rest).map(([name, value]) => [name.replace('metadata.', ''), value]),
        ),
      })) as ImportedUser[],
    );
    expect((await catalog('fast')).cacheEpoch).toBe(before);
  });

  it('raises the revision of those who change, and tells of them or raises the cache epoch', async () => {
    await data.interactions.record('default', [interaction('ann', 'i'), interaction('ben', 'i')]);
    const users = (['ann', 'ben', 'new'] as const).map((userId) => ({
      ...{ userId, tags: userId === 'ben' ? [] : ['a'], metadata: {} },
    }));
    const told: string[] = [];
    const source = () => Promise.resolve({ users: inChunks(users) });
    await data.imports.importAll('default', source, {
      beforeCommit: (changed) => {
        told.push(...changed.map(({ userId, revision }) => `${userId} ${revision}`));
        return Promise.resolve(true);
      },
    });
    expect(told.sort()).toEqual(['ann 2', 'new 1']);
    const before = (await catalog('default')).cacheEpoch;
    await put('default', [{ userId: 'ben', tags: ['b'], metadata: {} }], inChunks([]));
    expect((await catalog('default')).cacheEpoch).toBe(before + 1);
  });

  it('sorts rows of one user, however many there are', async () => {
    const users = Array.from({ length: 200_000 }, (_, n) => ({ userId: 'ann', tags: [], metadata: { n } }));
    expect(await put('default', users, inChunks([]))).toEqual({ created: 1, updated: 0 });
    expect(await exported('default')).toContain('"metadata.n": 199999');
  });

  it('waits for whoever holds the catalog, for longer than a call would', async () => {
    await data.interactions.record('default', [interaction('ann', 'i')]);
    const holder = await data.database.pool.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT 1 FROM catalogs WHERE id = 'default' FOR NO KEY UPDATE`);
    let hasEnded = false;
    const users = inChunks([{ userId: 'ann', tags: ['a'], metadata: {} }]);
    // Nobody can be told, so that the cache epoch of the catalog is raised.
    const beforeCommit = () => Promise.resolve(false);
    const importing = data.imports
      .importAll('default', () => Promise.resolve({ users }), { beforeCommit })
      .finally(() => (hasEnded = true));
    const outcome = importing.catch((error: unknown) => error);
    const waiting = `wait_event_type = 'Lock' AND datname = current_database()
      AND clock_timestamp() - query_start > interval '2.2 s'`;
    await waitFor(
      'the import to wait',
      async () => hasEnded || (await data.count('pg_stat_activity', waiting)) > 0,
    );
    await holder.query('COMMIT');
    holder.release();
    expect(await outcome).toMatchObject({ users: { created: 0, updated: 1 } });
  });

  it('of very many, with as many interactions, beside posts of the same users', async () => {
    const many = Array.from({ length: 12_000 }, (_, n) => `u${n}`);
    const users = many.map((userId) => ({ userId, tags: ['a'], metadata: {}, training: userId !== 'u7' }));
    const rows = many.map((userId) => interaction(userId, 'item'));
    const posts = { count: 0, isDone: false };
    const posting = (async () => {
      for (let n = 0; !posts.isDone; n = (n + 97) % many.length) {
        const rows = [interaction(many[n]!, 'other'), interaction(`v${posts.count}`, 'other')];
        // Who is locked for longer than a call waits is refused, and nothing is stored.
        await data.interactions.record('default', rows).catch((error: unknown) => {
          if ((error as Partial<DomainError>).code !== 'write-conflict') throw error;
        });
        posts.count++;
      }
    })();
    const { created, updated } = await put('default', users, inChunks(rows)).finally(
      () => (posts.isDone = true),
    );
    await posting;
    expect(created + updated).toBe(many.length);
    expect((await catalog('default')).userCount).toBe(await data.count('users'));
    expect(await data.count('user_attributes')).toBe(many.length);
    const { userKeys } = await new SnapshotReader(data.database).load('default');
    expect(userKeys).toHaveLength((await data.count('users')) - 1);
  });
});
