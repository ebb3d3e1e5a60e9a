import { ItemsRepository } from '#data';
import type { OnInvalid } from '#domain';
import { seededRandom } from '#models';
import { KilledWriter, type KillOptions } from './testing/killed-writer.js';
import { AT, interaction, ITEM, TestData } from './testing/test-data.js';

const KILLS = Number(process.env['BATCH_KILLS'] ?? 25);
const ITEM_IDS = ['a', 'b', 'c', 'd'];
/** All that a batch may change, but for the time of the change. */
const ROWS = {
  items: 'external_id, title, tags, metadata, available, deleted_at IS NOT NULL, revision FROM items',
  interactions: 'user_key, item_key, occurred_at, weight FROM interactions',
  late: 'user_key, item_key, occurred_at, weight FROM late_interactions',
  users: 'external_id, revision FROM users',
  counted: 'item_revision, cache_epoch, item_rows, deleted_items, user_rows FROM catalogs',
};
type State = Readonly<Record<string, readonly string[]>>;

/** After each of them a batch is killed. */
const STATEMENTS = [
  'UPDATE OF item_revision ON catalogs',
  'INSERT ON items',
  'UPDATE ON items',
  'DELETE ON interactions',
  'DELETE ON late_interactions',
  'INSERT ON interactions',
  'UPDATE OF revision ON users',
  'UPDATE OF deleted_items ON catalogs',
];

interface Batch {
  readonly write: string;
  readonly body: object;
  /** Statements that it makes. */
  readonly statements: readonly string[];
  /** After which a part is done, and not all. */
  readonly bare: string;
  readonly whole: (data: TestData, catalogId: string) => Promise<unknown>;
}

const WHOLE = { onInvalid: 'refuse' as OnInvalid };
const PATCHES = ITEM_IDS.map((itemId) => ({ itemId, patch: { title: `new ${itemId}` } }));
const DELETIONS = ITEM_IDS.slice(1).map((itemId) => ({ itemId }));
/** One that is there, a new one, and one that comes back with what was done with it meanwhile. */
const PUTS = ['a', 'fresh', 'gone'].map((itemId) => ({ ...ITEM, itemId }));
const ABOUT_ADA = { userId: 'ada', filter: { itemIds: ['a', 'b', 'gone'] } };

const BATCHES: readonly Batch[] = [
  {
    write: 'patch items',
    body: { rows: PATCHES },
    statements: ['UPDATE OF item_revision ON catalogs', 'UPDATE ON items'],
    bare: 'UPDATE OF item_revision ON catalogs',
    whole: (data, id) => new ItemsRepository(data.database).patchMany(id, PATCHES, WHOLE),
  },
  {
    write: 'put items',
    body: { items: PUTS },
    statements: STATEMENTS.filter((statement) => statement !== 'DELETE ON interactions'),
    bare: 'INSERT ON items',
    whole: (data, id) => new ItemsRepository(data.database).putMany(id, PUTS),
  },
  {
    write: 'delete items',
    body: { rows: DELETIONS },
    statements: [
      'UPDATE OF item_revision ON catalogs',
      'UPDATE ON items',
      'DELETE ON interactions',
      'UPDATE OF revision ON users',
      'UPDATE OF deleted_items ON catalogs',
    ],
    bare: 'UPDATE ON items',
    whole: (data, id) => new ItemsRepository(data.database).deleteMany(id, DELETIONS, WHOLE),
  },
  {
    write: 'delete interactions',
    body: ABOUT_ADA,
    statements: ['DELETE ON interactions', 'DELETE ON late_interactions', 'UPDATE OF revision ON users'],
    bare: 'DELETE ON interactions',
    whole: (data, id) => data.interactions.deleteOf(id, ABOUT_ADA.userId, ABOUT_ADA.filter),
  },
];
const STEPS = BATCHES.flatMap((batch) =>
  [...batch.statements, 'commit', 'any time'].map((step) => ({ batch, step })),
);

describe('a batch whose process is killed', () => {
  const data = TestData.ofSuite();
  const commits = ['UPDATE OF item_revision ON catalogs', 'UPDATE OF revision ON users'];
  const writer = new KilledWriter(data, { statements: STATEMENTS, commits, random: seededRandom(7) });
  const after = new Map<Batch, State>();
  let before: State;

  beforeAll(async () => {
    await writer.prepare();
    for (const batch of BATCHES) {
      const catalogId = `whole-${after.size}`;
      await fill(catalogId);
      before = await stateOf(catalogId);
      await batch.whole(data, catalogId);
      after.set(batch, await stateOf(catalogId));
    }
  });
  afterEach(() => writer.stop());

  const fill = async (catalogId: string): Promise<void> => {
    await data.server.query('INSERT INTO catalogs (id) VALUES ($1)', [catalogId]);
    const items = new ItemsRepository(data.database);
    await items.putMany(
      catalogId,
      ['gone', ...ITEM_IDS].map((itemId) => ({ ...ITEM, itemId })),
    );
    await items.delete(catalogId, 'gone');
    const ofAll = ['ada', 'ben'].map((userId) =>
      ['gone', ...ITEM_IDS].map((itemId) => interaction(userId, itemId, { occurredAt: AT })),
    );
    for (const rows of ofAll) await data.interactions.record(catalogId, rows);
  };

  const stateOf = async (catalogId: string): Promise<State> => {
    const state: Record<string, readonly string[]> = {};
    for (const [kind, sql] of Object.entries(ROWS)) {
      const where = kind === 'counted' ? 'id = $1' : 'catalog_id = $1';
      const { rows } = await data.server.query(
        `SELECT row_to_json(r)::text AS row FROM (SELECT ${sql} WHERE ${where}) r ORDER BY 1`,
        [catalogId],
      );
      state[kind] = rows.map(({ row }) => String(row));
    }
    return state;
  };

  const killAt = (
    step: string,
    batch: Batch,
    { catalogId, ...options }: KillOptions & { catalogId: string },
  ) => writer.killAt(step, { write: batch.write, catalogId, ...batch.body }, options);

  it(
    `has stored all or nothing (${KILLS} kills), and the next try stores the rest`,
    async () => {
      const outcomes = { nothing: 0, all: 0 };
      for (let kill = 0; kill < KILLS; kill++) {
        const { batch, step } = STEPS[kill % STEPS.length]!;
        const catalogId = `kill-${kill}`;
        await fill(catalogId);
        await killAt(step, batch, { catalogId, cuts: kill % 2 === 1 });
        const state = await stateOf(catalogId);
        const isAll = JSON.stringify(state) !== JSON.stringify(before);
        const whole = after.get(batch)!;
        expect([kill, batch.write, step, state]).toEqual([kill, batch.write, step, isAll ? whole : before]);
        outcomes[isAll ? 'all' : 'nothing']++;
        if (isAll) continue;
        await batch.whole(data, catalogId);
        expect(await stateOf(catalogId)).toEqual(whole);
      }
      expect([outcomes.nothing > 0, outcomes.all > 0]).toEqual([true, true]);
    },
    Math.max(120_000, KILLS * 5_000),
  );

  it('would be found, if it were in no transaction, by what it leaves', async () => {
    for (const [n, batch] of BATCHES.entries()) {
      const catalogId = `bare-${n}`;
      await fill(catalogId);
      await killAt(batch.bare, batch, { catalogId, cuts: false, flags: ['--without-transaction'] });
      const state = JSON.stringify(await stateOf(catalogId));
      const whole = [before, after.get(batch)].map((one) => JSON.stringify(one));
      expect([batch.write, whole.includes(state)]).toEqual([batch.write, false]);
    }
  });
});
