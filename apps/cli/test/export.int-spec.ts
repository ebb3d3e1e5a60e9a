import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { sparserec } from './sparserec.js';

const INTERACTIONS = [
  { userId: 'zoë', itemId: 'b, "c"', type: 'view', weight: 0.1, occurredAt: '2001-01-02T00:00:00.000Z' },
  { userId: 'ada', itemId: '007', type: 'buy', weight: 2, occurredAt: '2001-01-01T12:30:00.123Z' },
  { userId: 'ada', itemId: 'b, "c"', type: 'view', weight: 1, occurredAt: '2001-01-01T00:00:00.000Z' },
  { userId: 'ada', itemId: 'x\\y', type: 'view', weight: 1000000, occurredAt: '2001-01-01T00:00:00.000Z' },
];
const ITEMS = [
  {
    itemId: '007',
    title: 'A "quoted", one',
    tags: ['a,b', 'c'],
    'metadata.year': 1999,
    'metadata.code': '007',
  },
  { itemId: 'b, "c"', title: null, tags: [], available: false },
];
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('sparserec export', () => {
  let database: TestDatabase;
  let folder: string;
  const run = (...args: string[]) => sparserec(...args, '--database', database.url);
  const written = (what: string, ...options: string[]) => {
    const { status, stdout, stderr } = run('export', what, ...options);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const put = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const load = (catalog: string, data: string, items: string, ...options: string[]) => {
    const files = ['--data', data, '--items', items];
    const { status, stderr } = run('import', ...files, '--catalog', catalog, ...options);
    if (status !== 0) throw new Error(stderr);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sparserec-export-'));
    load('default', put('rows.jsonl', lines(INTERACTIONS)), put('items.jsonl', lines(ITEMS)));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  it.each(['csv', 'jsonl'])('writes interactions as %s that an import makes the same file of', (format) => {
    const first = written('interactions', '--format', format);
    const items = put('items.jsonl', lines(ITEMS));
    load(`from-${format}`, put(`interactions.${format}`, first), items);
    expect(written('interactions', '--format', format, '--catalog', `from-${format}`)).toBe(first);
  });

  it('writes interactions in the order of users, times and items', () => {
    const rows = written('interactions', '--format', 'jsonl').trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as object)).toEqual(
      [2, 3, 1, 0].map((place) => INTERACTIONS[place]),
    );
    expect(written('interactions')).toBe(
      [
        'userId,itemId,type,weight,occurredAt',
        'ada,"b, ""c""",view,1,2001-01-01T00:00:00.000Z',
        'ada,x\\y,view,1e+06,2001-01-01T00:00:00.000Z',
        'ada,007,buy,2,2001-01-01T12:30:00.123Z',
        'zoë,"b, ""c""",view,0.1,2001-01-02T00:00:00.000Z\n',
      ].join('\n'),
    );
  });

  it('writes items with all that is known of them, and an import reads it', () => {
    const rows = written('items', '--format', 'jsonl');
    const [item, other] = rows.split('\n').map((row) => JSON.parse(row || '{}') as Record<string, unknown>);
    expect(item).toMatchObject({ ...ITEMS[0], available: true, deletedAt: null });
    expect(other).toMatchObject({ itemId: 'b, "c"', title: null, tags: [], available: false });
    expect(item!['createdAt']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const files = [put('interactions.csv', written('interactions')), put('again.jsonl', rows)] as const;
    load('items', ...files, '--ignore-columns', 'createdAt,deletedAt');
    const again = written('items', '--format', 'jsonl', '--catalog', 'items');
    const withoutTimes = (text: string) => text.replace(/"createdAt": "[^"]*"/g, '');
    expect(withoutTimes(again)).toBe(withoutTimes(rows));
    expect(written('items')).toMatch(
      /^itemId,title,tags,available,createdAt,deletedAt,metadata\.code,metadata\.year\n007,"A ""quoted"", one","\[""a,b"",""c""\]",true,[^,]*,,007,1999\n/,
    );
  });

  it('writes users and settings', () => {
    expect(written('users')).toBe('userId,training,personal,tags\nada,true,true,[]\nzoë,true,true,[]\n');
    expect(JSON.parse(written('settings'))).toEqual({
      unknownItems: 'create',
      undatedSince: null,
      schedules: [],
      interactionTypes: ['buy', 'view'].map((name) =>
        expect.objectContaining({ name, positive: true, repeats: 'max' }),
      ),
    });
  });

  it('says that a file cannot be written', () => {
    for (const what of ['users', 'settings']) {
      const { status, stderr } = run('export', what, '--out', join(folder, 'no', 'out'));
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(/^Cannot write \S+out\.partial: ENOENT\n$/),
      ]);
    }
  });

  it('writes a whole file or none', () => {
    const out = join(folder, 'out.csv');
    expect(run('export', 'users', '--out', out).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(written('users'));
    const refused = run('export', 'users', '--catalog', 'nobody', '--out', join(folder, 'none.csv'));
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('nobody')]);
    expect(existsSync(join(folder, 'none.csv'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  describe('of a catalog that has items alone', () => {
    const FORMATS = ['csv', 'jsonl', 'parquet'];
    const exportTo = (catalog: string, format: string) =>
      ['interactions', 'items', 'users', 'settings'].map((what) => {
        const path = join(folder, `${catalog}-${what}.${what === 'settings' ? 'json' : format}`);
        const options = ['--catalog', catalog, '--out', path];
        const { status, stderr } = run(
          ...['export', what, ...options, ...(what === 'settings' ? [] : ['--format', format])],
        );
        expect([status, stderr]).toEqual([0, '']);
        return path;
      }) as [string, string, string, string];
    beforeAll(() => {
      const { status } = run('import', '--items', put('only.jsonl', lines(ITEMS)), '--catalog', 'items-only');
      expect(status).toBe(0);
    });

    it.each(FORMATS)('writes %s files that an import makes the same catalog of', (format) => {
      const [interactions, items, users, settings] = exportTo('items-only', format);
      const copy = `empty-${format}`;
      const files = ['--data', interactions, '--items', items, '--users', users, '--settings', settings];
      const { status, stderr } = run('import', ...files, '--catalog', copy);
      expect([status, stderr]).toEqual([
        0,
        expect.stringContaining(`${interactions} holds nothing, so no i`),
      ]);
      expect(stderr).toContain(`${users} holds nothing, so no users are imported\n`);
      const [first, second] = [[interactions, items, users, settings], exportTo(copy, format)];
      expect(second.map((path) => readFileSync(path, 'latin1'))).toEqual(
        first.map((path) => readFileSync(path, 'latin1')),
      );
    });

    it.each(FORMATS)('writes %s interactions whose import alone is refused, in plain words', (format) => {
      const [interactions] = exportTo('items-only', format);
      const { status, stderr } = run('import', '--data', interactions, '--catalog', 'nothing');
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /: (it has no rows|there is nothing in it), so there is nothing to learn from\n$/,
      );
    });
  });
});
