import { CatalogsRepository, ItemsRepository, type ImportProgress } from '#data';
import { LIMITS, type DomainError, type Interaction, type OnInvalid } from '#domain';
import { seededRandom } from '#models';
import { InteractionMerge } from '../../../libs/data/src/interactions/interaction-merge.js';
import { stageInteractions } from '../../../libs/data/src/interactions/interaction-staging.js';
import { TestData } from './testing/test-data.js';

const AT = Date.parse('2026-01-01T00:00:00.000Z');
/** More than are merged as a batch. */
const ROWS = LIMITS.interactionsPerRequest + 1_000;
const MODEL = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';

/** What is stored, by names; keys depend on the order of batches only. */
const STORED = `SELECT u.external_id AS user, i.external_id AS item, t.name AS type, n.occurred_at, n.weight
  FROM %s n JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key) WHERE n.catalog_id = $1 ORDER BY 1, 2, 3, 4`;

interface Kind {
  readonly undated: number;
  readonly isSet?: boolean;
  readonly isAttributed?: boolean;
}

/** Few users and items, so that much repeats. */
function makeRows(seed: number, { undated, isSet = false, isAttributed = false }: Kind): Interaction[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: ROWS }, (_, row) => ({
    ...{ row: row + 2, userId: `u${below(300)}`, itemId: `i${below(80)}`, weight: 1 + below(5) },
    type: isSet ? 'interaction' : `t${below(3)}`,
    occurredAt: random() < undated ? null : new Date(AT + below(50) * 1_000),
    ...(isAttributed &&
      random() < 0.2 && {
        recommendedBy: { modelId: MODEL, issuedAt: new Date(AT), number: below(2 ** 32) },
      }),
  }));
}

async function* inChunks<Row>(rows: readonly Row[], size: number): AsyncGenerator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
  await Promise.resolve();
}

const describe422 = ({ code, errors, extensions }: DomainError) => ({ code, errors, extensions });

describe('an import of many rows', () => {
  const data = TestData.ofEachTest();
  beforeEach(async () => {
    for (const catalog of ['bulk', 'twin']) await new CatalogsRepository(data.database).create(catalog);
  });

  const stored = async (catalog: string) => {
    const tables = ['interactions', 'late_interactions'];
    const rows = [];
    for (const table of tables)
      rows.push((await data.server.query(STORED.replace('%s', table), [catalog])).rows);
    const { rows: counts } = await data.server.query(
      'SELECT user_rows, item_rows, next_user_key, next_item_key FROM catalogs WHERE id = $1',
      [catalog],
    );
    const { rows: types } = await data.server.query(
      'SELECT name FROM interaction_types WHERE catalog_id = $1 ORDER BY type_key',
      [catalog],
    );
    const attributions = await data.server.query(
      `SELECT t.name, sum(interactions)::int AS count FROM model_attributions a JOIN models m ON m.id = a.model_id
         JOIN interaction_types t USING (catalog_id, type_key) WHERE m.catalog_id = $1 GROUP BY 1 ORDER BY 1`,
      [catalog],
    );
    return { rows, counts, types, attributions: attributions.rows };
  };
  /** The slow twin: the same rows merged at once, as those of a request are. */
  const mergeAsBatch = (
    catalog: string,
    rows: readonly Interaction[],
    options: { isSet?: boolean; onInvalid?: OnInvalid },
  ) =>
    data.database.sqlTransaction(async (client) => {
      const staged = await stageInteractions(client, rows, options.isSet);
      return new InteractionMerge(client, catalog, staged, { list: 'rows', ...options }).run();
    });
  const addModels = async () => {
    for (const [n, catalog] of ['bulk', 'twin'].entries())
      await data.server.query(
        `INSERT INTO models (id, catalog_id, run_id, kind, parameters, metrics, baseline, snapshot_hash, code_version, kernel,
           num_users, num_items, num_interactions, artifact_bytes, artifact_checksum)
         VALUES ($1, $2, gen_random_uuid(), 'ease', '{}', '{}', '{}', '', '', '', 1, 1, 1, 1, 1)`,
        [MODEL.replace('7b11', `7b1${n}`), catalog],
      );
  };
  const ofModel = (n: number, rows: readonly Interaction[]): Interaction[] =>
    rows.map((row) =>
      row.recommendedBy
        ? { ...row, recommendedBy: { ...row.recommendedBy, modelId: MODEL.replace('7b11', `7b1${n}`) } }
        : row,
    );

  const KINDS: readonly [string, Kind][] = [
    ['dated rows', { undated: 0 }],
    ['undated rows', { undated: 1 }],
    ['rows of both kinds', { undated: 0.5 }],
    ['a set', { undated: 1, isSet: true }],
    ['rows that came of recommendations', { undated: 0.1, isAttributed: true }],
  ];

  it.each(KINDS)('stores %s as a batch does, at first, again, and with more rows', async (_what, kind) => {
    if (kind.isAttributed) await addModels();
    const [first, second] = [makeRows(1, kind), makeRows(2, kind)];
    // Deleted items, which make some rows late.
    for (const catalog of ['bulk', 'twin']) {
      await new ItemsRepository(data.database).putMany(
        catalog,
        ['i3', 'i4'].map((itemId) => ({ itemId, title: null, tags: [], metadata: {}, available: true })),
      );
      await new ItemsRepository(data.database).delete(catalog, 'i3');
      await data.server.query('UPDATE catalogs SET undated_since = $1', [new Date(AT)]);
    }
    const isSet = kind.isSet ?? false;
    for (const rows of [first, first, [...first, ...second]]) {
      const bulk = await data.imports.importAll('bulk', {
        isSet,
        interactions: inChunks(ofModel(0, rows), 997),
      });
      const twin = await mergeAsBatch('twin', ofModel(1, rows), { isSet });
      expect(bulk).toMatchObject({ stored: twin.stored, duplicates: twin.duplicates, merged: twin.merged });
      expect(await stored('bulk')).toEqual(await stored('twin'));
    }
  });

  it.each<OnInvalid>(['refuse', 'skip'])('treats unknown items as a batch does, by %s', async (onInvalid) => {
    const known = Array.from({ length: 70 }, (_, n) => ({
      ...{ itemId: `i${n}`, title: null, tags: [], metadata: {}, available: true },
    }));
    const rows = [
      ...makeRows(3, { undated: 0 }),
      { ...makeRows(3, { undated: 0 })[0]!, userId: 'lost', itemId: 'i79' },
    ];
    const outcomes = [];
    for (const catalog of ['bulk', 'twin']) {
      await new CatalogsRepository(data.database).create(catalog, { unknownItems: 'refuse' });
      await new ItemsRepository(data.database).putMany(catalog, known);
      const options = { onInvalid };
      const merged =
        catalog === 'bulk'
          ? data.imports.importAll(catalog, { interactions: inChunks(rows, 1_000) }, options)
          : mergeAsBatch(catalog, rows, options);
      const [outcome] = await Promise.allSettled([merged]);
      outcomes.push(
        outcome.status === 'fulfilled'
          ? {
              stored: outcome.value.stored,
              duplicates: outcome.value.duplicates,
              refused: outcome.value.refused,
            }
          : describe422(outcome.reason as DomainError),
      );
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(await stored('bulk')).toEqual(await stored('twin'));
  });

  it('puts items as a batch does, those that were deleted too', async () => {
    const details = Array.from({ length: LIMITS.itemsPerRequest + 1 }, (_, n) => ({
      ...{ itemId: `i${n % 900}`, title: n % 2 === 0 ? null : `Title ${n}`, available: n % 3 > 0 },
      ...{ tags: n % 4 === 0 ? [] : ['red', `t${n}`], metadata: { n, nested: { of: ['a', null] } } },
    }));
    const rows = makeRows(5, { undated: 0 });
    const late = { userId: 'u1', itemId: 'i3', type: 't0', weight: 1, occurredAt: new Date(AT - 1) };
    const replies = [];
    for (const catalog of ['bulk', 'twin']) {
      const items = new ItemsRepository(data.database);
      await items.putMany(catalog, details.slice(0, 10));
      await items.delete(catalog, 'i3');
      await data.interactions.record(catalog, [late]);
      await new CatalogsRepository(data.database).create(catalog, { unknownItems: 'refuse' });
      if (catalog === 'bulk') {
        const { stored, items: put } = await data.imports.importAll(catalog, {
          items: inChunks(details, 400),
          interactions: inChunks(rows, 1_000),
        });
        replies.push({ stored, ...put });
      } else {
        const put = await items.putMany(catalog, details);
        replies.push({ stored: (await mergeAsBatch(catalog, rows, {})).stored, deleted: 0, ...put });
      }
    }
    expect(replies[0]).toEqual(replies[1]);
    expect(await stored('bulk')).toEqual(await stored('twin'));
    const put = await data.server.query(
      `SELECT catalog_id, external_id, title, tags, metadata, available, deleted_at FROM items ORDER BY 1, 2`,
    );
    const [bulk, twin] = ['bulk', 'twin'].map((catalog) =>
      put.rows.filter((row) => row.catalog_id === catalog).map(({ catalog_id: _, ...row }) => row),
    );
    expect(bulk).toHaveLength(900);
    expect(bulk).toEqual(twin);
    const { rows: counts } = await data.server.query(
      `SELECT deleted_items FROM catalogs WHERE id <> 'default'`,
    );
    expect(counts).toEqual([{ deleted_items: 0 }, { deleted_items: 0 }]);
  });

  it('gives keys in the order of first appearance, and tells every process', async () => {
    const rows = makeRows(4, { undated: 0 });
    await data.imports.importAll('bulk', { interactions: inChunks(rows, 1_000) });
    const { rows: users } = await data.server.query(
      `SELECT external_id FROM users WHERE catalog_id = 'bulk' ORDER BY user_key`,
    );
    expect(users.map(({ external_id }) => external_id)).toEqual([
      ...new Set(rows.map(({ userId }) => userId)),
    ]);
    const { rows: changes } = await data.server.query(`SELECT change FROM catalog_changes ORDER BY id`);
    const revision = Number(
      (await data.server.query(`SELECT item_revision FROM catalogs WHERE id = 'bulk'`)).rows[0].item_revision,
    );
    expect(changes.map(({ change }) => change)).toEqual([
      { kind: 'items-changed', catalogId: 'bulk', revision },
      { kind: 'cache-epoch-changed', catalogId: 'bulk', cacheEpoch: 1 },
    ]);
    const { changed } = await new ItemsRepository(data.database).findServedSince('bulk', revision - 1);
    expect(changed).toHaveLength(80);
  });

  it('tells how far it is, also while the server stores rows', async () => {
    const rows = Array.from({ length: 120_000 }, (_, n) => ({
      ...{ userId: `u${n % 1_000}`, itemId: `i${n % 997}`, type: 'view', weight: 1 },
      occurredAt: new Date(AT + n * 1_000),
    }));
    const told: ImportProgress[] = [];
    const isRepeated = [false, true];
    for (const _ of isRepeated)
      await data.imports.importAll(
        'bulk',
        { interactions: inChunks(rows, 40_000) },
        { onProgress: (progress) => told.push(progress) },
      );
    const first = [
      ...[40_000, 80_000, 120_000].map((done) => ({ phase: 'reading', rows: done })),
      { phase: 'sorting', rows: 0 },
      ...[50_000, 100_000].map((done) => ({ phase: 'storing', rows: done })),
    ];
    const again = first.slice(0, 4);
    expect(told).toEqual([...first, ...again]);
  });
});
