import { CatalogsRepository, ItemsRepository, type ChangedUser, type MergedBatch } from '#data';
import type { DatedInteraction, DomainError, OnInvalid } from '#domain';
import { seededRandom } from '#models';
import { InteractionMerge } from '../../../libs/data/src/interactions/interaction-merge.js';
import { stageInteractions } from '../../../libs/data/src/interactions/interaction-staging.js';
import { TestData } from './testing/test-data.js';

const AT = Date.parse('2026-01-01T00:00:00.000Z');
const TABLES = [
  'SELECT user_key, item_key, type_key, occurred_at, weight FROM interactions WHERE catalog_id = $1 ORDER BY 1, 2, 3, 4',
  'SELECT user_key, item_key, type_key, occurred_at, weight FROM late_interactions WHERE catalog_id = $1 ORDER BY 1, 2, 3, 4',
  'SELECT user_key, external_id, revision FROM users WHERE catalog_id = $1 ORDER BY 1',
  'SELECT item_key, external_id, revision, tags FROM items WHERE catalog_id = $1 ORDER BY 1',
  'SELECT type_key, name FROM interaction_types WHERE catalog_id = $1 ORDER BY 1',
  'SELECT user_rows, item_rows, next_user_key, next_item_key, item_revision, cache_epoch FROM catalogs WHERE id = $1',
];

interface Kind {
  readonly names: number;
  readonly types?: number;
  readonly rows?: number;
}

/** Few names and times, so that much repeats. */
function makeRows(seed: number, { names, types = 1, rows = 400 }: Kind): DatedInteraction[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: rows }, (_, row) => ({
    ...{ row, userId: `u${below(names)}`, itemId: `i${below(names)}`, weight: 0.1 + below(5) },
    ...{ type: `t${below(types)}`, occurredAt: new Date(AT + below(10) * 1_000 + below(2)) },
  }));
}

describe('a batch whose rows are sent with keys', () => {
  const data = TestData.ofEachTest();
  beforeEach(async () => {
    for (const catalog of ['keyed', 'twin']) await new CatalogsRepository(data.database).create(catalog);
  });

  type Options = Partial<{ onInvalid: OnInvalid; tells: boolean }>;
  const told: Record<string, ChangedUser[][]> = {};
  const optionsOf = (catalog: string, { onInvalid, tells = true }: Options) => ({
    ...{ list: 'interactions', onInvalid },
    beforeCommit: (changed: readonly ChangedUser[]) => {
      (told[catalog] ??= []).push([...changed].sort((a, b) => a.userKey - b.userKey));
      return Promise.resolve(tells);
    },
  });
  /** The slow twin. */
  const stage = (rows: readonly DatedInteraction[], options: Options): Promise<MergedBatch> =>
    data.database.sqlTransaction(async (client) => {
      const staged = await stageInteractions(client, rows);
      return new InteractionMerge(client, 'twin', staged, optionsOf('twin', options)).run();
    });
  const tablesOf = async (catalog: string) => {
    const tables: unknown[][] = [];
    for (const sql of TABLES) tables.push((await data.server.query(sql, [catalog])).rows);
    return tables;
  };
  const outcomeOf = async (work: Promise<MergedBatch>) => {
    const [outcome] = await Promise.allSettled([work]);
    if (outcome.status === 'rejected') {
      const { code, errors, extensions } = outcome.reason as DomainError;
      return { code, errors, extensions };
    }
    const { changedUsers: _, ...counts } = outcome.value;
    return counts;
  };

  const expectSame = async (rows: readonly DatedInteraction[], options: Options = {}) => {
    const keyed = data.interactions.record('keyed', rows, optionsOf('keyed', options));
    const outcome = await outcomeOf(keyed);
    expect(outcome).toEqual(await outcomeOf(stage(rows, options)));
    expect(await tablesOf('keyed')).toEqual(await tablesOf('twin'));
    expect(told['keyed']).toEqual(told['twin']);
    return outcome;
  };

  it('leaves what one leaves that is staged, with names new and known, and told to the same users', async () => {
    await expectSame(makeRows(1, { names: 20 }));
    await expectSame(makeRows(2, { names: 20 }));
    expect(await expectSame(makeRows(2, { names: 20 }))).toMatchObject({ stored: 0, duplicates: 400 });
    await expectSame(makeRows(9, { names: 40 }));
    await expectSame(makeRows(3, { names: 60, types: 3 }));
    await expectSame(makeRows(4, { names: 60, types: 3, rows: 1_500 }), { onInvalid: 'skip' });
  });

  it('raises the cache epoch when caches cannot be told', async () => {
    await expectSame(makeRows(1, { names: 20 }));
    await expectSame(makeRows(5, { names: 20 }), { tells: false });
  });

  it('keeps interactions with deleted items apart', async () => {
    await expectSame(makeRows(1, { names: 20 }));
    for (const catalog of ['keyed', 'twin']) await new ItemsRepository(data.database).delete(catalog, 'i3');
    await expectSame(makeRows(6, { names: 25 }));
  });

  it.each<OnInvalid>(['refuse', 'skip'])('treats unknown items by %s', async (onInvalid) => {
    await expectSame(makeRows(1, { names: 20 }));
    for (const catalog of ['keyed', 'twin'])
      await new CatalogsRepository(data.database).create(catalog, { unknownItems: 'refuse' });
    await expectSame(makeRows(7, { names: 20 }), { onInvalid });
    await expectSame(makeRows(8, { names: 40 }), { onInvalid });
  });

  it('takes ids of any text', async () => {
    const ids = ['a"b', '{c,d}', 'e\\f', 'null', 'NULL', ' g ', '🍎', "h'i", 'j\nk'];
    const rows = ids.map((id): DatedInteraction => ({
      ...{ userId: id, itemId: id, type: 'view', weight: 1, occurredAt: new Date(AT) },
    }));
    await expectSame(rows);
    expect(await expectSame(rows)).toMatchObject({ duplicates: ids.length });
  });
});
