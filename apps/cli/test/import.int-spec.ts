import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { ROOT, sparserec } from './sparserec.js';

const CASES = join(ROOT, '../shared/data-cases');
const given = existsSync(CASES) ? it : it.skip;

describe('sparserec import', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sparserec-import-'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  const put = (text: string) => {
    writeFileSync(join(folder, 'rows.csv'), text);
    return join(folder, 'rows.csv');
  };
  const load = (path: string, ...options: string[]) =>
    sparserec('import', '--data', path, '--database', database.url, ...options);
  const all = async (sql: string) =>
    (await database.query(sql)).rows.map((row) => Object.values(row).join(' '));
  const INTERACTIONS = `SELECT u.external_id AS user, i.external_id AS item, t.name, n.weight FROM interactions n
    JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key) ORDER BY 1, 2, 3, 4`;

  it('prints the summary, stores everything, and nothing new the second time', async () => {
    const path = put('user,item,weight,date\nu1,a,2,2020-01-01\nu1,b,1,2020-01-02\nu1,b,3,2020-01-02\n');
    const { status, stdout, stderr } = load(path);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      { catalog: 'default', items: 0, stored: 2, duplicates: 1, merged: 0 },
    ]);
    expect(stderr).toContain('1 user, 2 items, 2 interactions (100 % of all pairs)');
    expect(stderr).toContain('1 row repeat an event, 1 with another weight: the first counts');
    expect(await all(INTERACTIONS)).toEqual(['u1 a interaction 2', 'u1 b interaction 1']);
    expect(JSON.parse(load(path).stdout)).toMatchObject({ stored: 0, duplicates: 3 });
  });

  it('stores nothing with --dry-run, which prints what inspect prints', async () => {
    const path = put('user,item\nu1,a\n');
    const dry = load(path, '--dry-run');
    expect([dry.status, dry.stdout]).toEqual([0, sparserec('inspect', '--data', path).stdout]);
    expect(JSON.parse(load(path, '--dry-run', '--json').stdout)).toMatchObject({ interactions: 1 });
    const shop = load(path, '--dry-run', '--catalog', 'Shop');
    expect([shop.status, shop.stdout, shop.stderr]).toEqual([
      2,
      '',
      expect.stringContaining('name of a catalog'),
    ]);
    expect(await all('SELECT count(*) FROM interactions')).toEqual(['0']);
  });

  it('stores low ratings as seen and not as liked', async () => {
    const path = put('user,item,rating\nu1,a,5\nu1,b,1\nu1,c,0\n');
    expect(load(path).status).toBe(0);
    expect(await all(INTERACTIONS)).toEqual(['u1 a interaction 1', 'u1 b low-rating 1']);
    expect(
      await all(`SELECT positive, excludes_seen FROM interaction_types WHERE name = 'low-rating'`),
    ).toEqual(['false true']);
  });

  it('refuses low ratings in a catalog whose type of that name is positive, and stores nothing', async () => {
    load(put('user,item,type\nu1,a,low-rating\n'));
    await database.query(`UPDATE interaction_types SET positive = true WHERE name = 'low-rating'`);
    const path = put('user,item,rating\nu2,a,5\nu2,b,1\n');
    for (const { status, stderr } of [load(path), load(path, '--dry-run')]) {
      expect(status).toBe(2);
      expect(stderr).toContain('has a positive interaction type "low-rating"');
    }
    expect(load(path, '--dry-run', '--catalog', 'other').status).toBe(0);
    expect(await all('SELECT external_id FROM users')).toEqual(['u1']);
  });

  it('sets the weights of types, and leaves out rows that cannot be stored', async () => {
    const path = put('user,item,event,weight\nu1,a,buy,1\nu1,b,view,0\nu1,c,view,1\n');
    const { status, stderr } = load(path, '--type-weight', 'view=1,buy=5', '--skip-invalid');
    expect(status).toBe(0);
    expect(stderr).toContain('Left out: 1 row: weight is …, and a weight must be a number above 0');
    expect(await all(INTERACTIONS)).toEqual(['u1 a buy 1', 'u1 c view 1']);
    expect(
      await all(
        `SELECT name, training_weight FROM interaction_types WHERE name IN ('buy', 'view') ORDER BY 1`,
      ),
    ).toEqual(['buy 5', 'view 1']);
  });

  it('takes titles of items from a file of its own', async () => {
    const items = join(folder, 'titles.jsonl');
    writeFileSync(items, '{"itemId":"a","title":"A & B","tags":["x","y"],"metadata.price":3}\n');
    const columns = ['--items', items, '--item-columns', 'id=itemId,title=title'];
    const { status, stderr } = load(put('user,item\nu1,a\n'), ...columns);
    expect([status, stderr]).toEqual([0, expect.stringContaining(`Items from ${items}: jsonl, utf-8`)]);
    expect(await all('SELECT external_id, title, tags, metadata::text FROM items')).toEqual([
      'a A & B x,y {"price": 3}',
    ]);
  });

  it.each([['No Name'], ['UPPER']])('obeys the rule for names of catalogs: %s', (name) => {
    const { status, stderr } = load(put('user,item\nu1,a\n'), '--catalog', name);
    expect(status).toBe(2);
    expect(stderr).toContain('The name of a catalog must be 1 to 63 of a-z');
  });

  given('leaves nothing of a refused data set behind (skipped without the data)', async () => {
    const refused = load(join(CASES, 'stale/A'), '--catalog', 'shop');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/^.*x\.inter, line 3: timestamp is "broken".*\n$/);
    expect(await all(`SELECT id FROM catalogs WHERE id = 'shop'`)).toEqual([]);
    expect(load(join(CASES, 'stale/B'), '--catalog', 'shop').status).toBe(0);
    expect(await all('SELECT external_id FROM items ORDER BY 1')).toEqual(['q0', 'q1', 'q2', 'q3', 'q4']);
    expect(await all('SELECT DISTINCT title FROM items')).toEqual(['']);
  });

  given.each([
    ['t/odd.csv', ['--skip-invalid'], ['a "q" b x,y', 'multi\nline z', 'u/1?x=#& ✌😀']],
    ['t/latin1.csv', [], ['u1 café', 'u1 cafè', 'u2 cafè']],
    ['t/repeat-undated.csv', [], ['u1 a', 'u1 a', 'u1 a']],
    ['t/dupkey.csv', [], ['u1 a']],
    ['zero-train.txt', [], ['076561 440', '076561 730']],
    ['recbole-mind', [], ['U1 N2']],
  ])('stores the pairs of %s (skipped without the data)', async (name, options, pairs) => {
    expect(load(join(CASES, name), ...options).status).toBe(0);
    const stored = await database.query(INTERACTIONS);
    const found = stored.rows.map((row) => Object.values(row).slice(0, 2).join(' '));
    expect(stored.rowCount).toBe(pairs.length);
    expect(new Set(found).size).toBe(new Set(pairs).size);
  });

  given('stores titles of each encoding as they are (skipped without the data)', async () => {
    expect(load(join(CASES, 'ml-1m'), '--catalog', 'latin').status).toBe(0);
    expect(load(join(CASES, 'ml-10m'), '--catalog', 'utf8').status).toBe(0);
    expect(await all(`SELECT title FROM items WHERE title LIKE 'Caf%' ORDER BY title`)).toEqual([
      'Café Zwölf (1975)',
      'Café Zwölf (1995)',
    ]);
  });
});
