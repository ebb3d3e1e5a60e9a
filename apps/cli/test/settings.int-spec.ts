import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { sparserec } from './sparserec.js';

const SETTINGS = {
  unknownItems: 'refuse',
  undatedSince: '2026-01-02T03:04:05.678Z',
  interactionTypes: [
    {
      ...{ name: 'buy', trainingWeight: 0.1, halfLifeDays: 90.5 },
      ...{ positive: true, excludesSeen: false, repeatAfterDays: 7.5, repeats: 'sum' },
    },
    {
      ...{ name: 'dislike', trainingWeight: 1, halfLifeDays: null },
      ...{ positive: false, excludesSeen: true, repeatAfterDays: null, repeats: 'newest' },
    },
  ],
  schedules: [
    {
      ...{
        name: 'nightly',
        cron: '0 3 * * *',
        timeZone: 'Europe/Berlin',
        model: 'popularity',
        parameters: {},
      },
      ...{ gate: { metric: 'ndcg@20', minRatioToActive: 0.95 }, enabled: true, missed: 'skip' },
    },
    {
      ...{ name: 'off', cron: '0 4 * * 1', timeZone: 'UTC', model: 'popularity', parameters: {} },
      ...{ gate: null, enabled: false, missed: 'run-once' },
    },
  ],
};

describe('sparserec import --settings', () => {
  let database: TestDatabase;
  let folder: string;
  const run = (...args: string[]) => sparserec(...args, '--database', database.url);
  const put = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    return join(folder, name);
  };
  const exported = (catalog: string) => run('export', 'settings', '--catalog', catalog).stdout;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sparserec-settings-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  it('sets what an export says of a catalog, which is then exported byte for byte', async () => {
    const { status, stderr } = run('import', '--settings', put('a.json', SETTINGS), '--catalog', 'first');
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(exported('first'))).toEqual(SETTINGS);
    run('import', '--settings', put('b.json', exported('first')), '--catalog', 'second');
    expect(exported('second')).toBe(exported('first'));
    const { rows } = await database.query(
      'SELECT name, next_tick_at > now() AS "isDue" FROM schedules WHERE catalog_id = $1 ORDER BY name',
      ['second'],
    );
    expect(rows).toEqual([
      { name: 'nightly', isDue: true },
      { name: 'off', isDue: null },
    ]);
  });

  it('changes nothing when it comes again, and gives up what is cached when a type counts differently', async () => {
    const epoch = async (): Promise<number> =>
      (await database.query(`SELECT cache_epoch FROM catalogs WHERE id = 'first'`)).rows[0].cache_epoch;
    const before = await epoch();
    run('import', '--settings', put('a.json', SETTINGS), '--catalog', 'first');
    expect(await epoch()).toBe(before);
    const types = { interactionTypes: [{ name: 'dislike', positive: false, halfLifeDays: 9 }] };
    run('import', '--settings', put('c.json', types), '--catalog', 'first');
    expect(await epoch()).toBe(before + 1);
    const [buy, dislike] = SETTINGS.interactionTypes;
    expect(JSON.parse(exported('first'))).toEqual({
      ...SETTINGS,
      interactionTypes: [buy, { ...dislike, halfLifeDays: 9, repeats: 'max' }],
    });
  });

  it('holds for the rows of the same import, and is stored with them or not at all', () => {
    const rows = put('rows.csv', 'userId,itemId,occurredAt\nada,known,2024-05-01\n');
    const items = put('items.csv', 'itemId,title\nknown,Known\n');
    const settings = ['--settings', put('a.json', SETTINGS)];
    const refused = run('import', '--data', rows, ...settings, '--catalog', 'third');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('does not know')]);
    expect(refused.stderr).toContain('import the items first or by --items, or leave these rows out by');
    const dry = run('import', '--data', rows, ...settings, '--catalog', 'third', '--dry-run');
    expect([dry.status, dry.stdout]).toEqual([2, expect.stringContaining('1 user, 1 item, 1 interaction')]);
    expect(dry.stderr).toBe(refused.stderr.split('\n').slice(-3).join('\n'));
    expect(exported('third')).toBe('');
    const stored = run('import', '--data', rows, '--items', items, ...settings, '--catalog', 'third');
    expect([stored.status, JSON.parse(stored.stdout)]).toEqual([0, expect.objectContaining({ stored: 1 })]);
    expect(JSON.parse(exported('third'))).toMatchObject({ unknownItems: 'refuse' });
  });

  it('refuses what the calls over HTTP refuse, by the file and the field', () => {
    const wrong = {
      interactionTypes: [{ name: 'view', trainingWeight: 0, colour: 'red' }],
      schedules: [{ name: 'n', cron: 'never', model: 'popularity' }],
    };
    const { status, stderr } = run('import', '--settings', put('wrong.json', wrong), '--catalog', 'fourth');
    expect(status).toBe(2);
    for (const part of ['wrong.json', 'interactionTypes.0.trainingWeight', 'colour', 'schedules.0.cron'])
      expect(stderr).toContain(part);
    const twice = { interactionTypes: [{ name: 'view' }, { name: 'view' }] };
    expect(run('import', '--settings', put('twice.json', twice)).stderr).toContain('each type once');
    expect(run('import', '--settings', put('no.json', '{')).stderr).toContain('no.json: it is no JSON');
    const kind = { schedules: [{ name: 'n', cron: '0 3 * * *', model: 'popularity', parameters: { x: 1 } }] };
    expect(run('import', '--settings', put('kind.json', kind)).stderr).toContain('no such parameter');
    expect(exported('fourth')).toBe('');
  });

  it('takes items alone, too', () => {
    const items = put('items.csv', 'itemId,title\nalone,Alone\n');
    const dry = run('import', '--items', items, '--catalog', 'fifth', '--dry-run', '--json');
    expect([dry.status, JSON.parse(dry.stdout)]).toEqual([
      0,
      expect.objectContaining({ items: 1, titles: 1 }),
    ]);
    expect(exported('fifth')).toBe('');
    const { status, stdout } = run('import', '--items', items, '--catalog', 'fifth');
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ items: 1, stored: 0 })]);
    expect(run('import', '--catalog', 'fifth').stderr).toContain('give --data, --items, --users, --settings');
  });
});
