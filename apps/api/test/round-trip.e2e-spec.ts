import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '#models';
import { TestService } from '../../../test/support/api.js';
import { sparserec } from '../../cli/test/sparserec.js';

/** Ids as they may be, each of which some format could spoil. */
const ODD_IDS = [
  ...[
    'say "hi"',
    'line\nbreak',
    'cr\r\nlf',
    '😀🏳️‍🌈',
    '007',
    '1e5',
    '-0',
    ' blank ',
    'tab\t',
    '\nfirst',
    "it's",
  ],
  ...[
    'a,b;c\td|e',
    '\\N',
    '\\.',
    'x\\y',
    '#first',
    '\u0001\u0002',
    'null',
    '\u2028',
    '\u00a0nbsp\u00a0',
    '\ufeffmark',
    '=1+1',
  ],
  ...['é', 'e\u0301', '{"a":1}', '["a"]', 'userId', 'x'.repeat(512)],
];
const METADATA = {
  ...{
    year: 1999,
    price: 1.5,
    less: -0.25,
    tiny: 1e-7,
    huge: 1e21,
    code: '007',
    digits: '12',
    exponent: '1e5',
  },
  ...{
    truth: false,
    word: 'true',
    none: null,
    list: [1, 'a', null],
    deep: { b: { '2': 1, '10': 2 } },
    empty: '',
  },
  ...{
    blank: ' x ',
    quote: '"',
    lines: 'x\r\ny',
    metadata: 'm',
    'odd name': 1,
    '': 2,
    'a:token': 3,
    'new\nline': 4,
  },
};
/** Sums of other order round otherwise: float32. */
const DIGITS = 5;

describe('Import of an export into an empty catalog', () => {
  let service: TestService;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-round-trip-'));
    service = await TestService.start({ redis: true });
    await fill();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  async function send(method: string, path: string, body?: unknown, type?: string): Promise<void> {
    const { status, body: answer } = await service.send(method, path, body, type);
    if (status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  }

  async function fill(): Promise<void> {
    await send('PUT', 'interaction-types/buy', { trainingWeight: 0.3, halfLifeDays: 90 });
    await send('PUT', `interaction-types/${encodeURIComponent(' odd, "type"')}`, { repeats: 'sum' });
    await send('PUT', 'interaction-types/dislike', { positive: false, repeats: 'newest' });
    await send('PUT', 'schedules/nightly', {
      cron: '0 3 * * *',
      model: 'ease',
      parameters: { regularization: 9 },
    });
    const plain = Array.from({ length: 20 }, (_, n) => ({
      itemId: `item-${n}`,
      createdAt: '2020-02-02T02:02:02.123Z',
    }));
    const odd = ODD_IDS.map((itemId, n) => ({
      ...{ itemId, title: n % 3 === 0 ? null : ` ${itemId} `.slice(0, 1_000), available: n % 4 > 0 },
      ...{
        tags: n % 2 === 0 ? [] : ['a,b', '(c)', '"d"', itemId.slice(0, 99)],
        metadata: n % 5 === 0 ? METADATA : {},
      },
    }));
    await send('POST', 'items', {
      items: [...plain, ...odd, { itemId: 'untitled', title: '', tags: ['x', 'x'] }],
    });
    await send('POST', 'interactions', { interactions: interactions() });
    for (const itemId of ['item-3', '😀🏳️‍🌈', ' blank '])
      await send('DELETE', `items/${encodeURIComponent(itemId)}`);
    const late = ['item-3', ' blank '].flatMap((itemId) => [
      { userId: 'user-1', itemId, type: 'buy', weight: 0.7, occurredAt: '2026-03-01T00:00:00.001Z' },
      { userId: `only, late`, itemId, occurredAt: '2026-03-01T00:00:00Z' },
    ]);
    await send('POST', 'interactions', { interactions: late });
    await send('POST', 'interactions/import', 'userId,itemId\nuser-2,item-4\nuser-2,item-4\n', 'text/csv');
    for (const [n, userId] of ['user-3', 'only known', ...ODD_IDS].entries()) {
      const tags = n % 2 === 0 ? [] : ['a,b', '(c)', '"d"', userId.slice(0, 99)];
      const metadata = n % 5 === 0 ? METADATA : {};
      await send('PUT', `users/${encodeURIComponent(userId)}`, { tags, metadata });
      if (n % 3 === 0)
        await send('PUT', `users/${encodeURIComponent(userId)}/consent`, {
          training: n % 2 === 0,
          personal: n % 4 > 0,
        });
    }
  }

  function interactions(): object[] {
    const random = seededRandom(3);
    const ids = [...Array.from({ length: 20 }, (_, n) => `item-${n}`), ...ODD_IDS];
    const users = [...Array.from({ length: 30 }, (_, n) => `user-${n}`), ...ODD_IDS];
    const types = ['view', 'buy', ' odd, "type"', 'dislike'];
    return Array.from({ length: 900 }, () => ({
      userId: users[Math.floor(random() * users.length)],
      itemId: ids[Math.floor(random() ** 2 * ids.length)],
      type: types[Math.floor(random() ** 2 * types.length)],
      weight: Math.fround(0.1 + random()),
      occurredAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(random() * 1e9)).toISOString(),
    }));
  }

  const within = (catalog: string) => `/v1/catalogs/${catalog}`;
  const exported = async (catalog: string, path: string) => {
    const response = await fetch(`${service.url}${within(catalog)}/export/${path}`);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  };
  const run = (...args: string[]) => {
    const { status, stderr } = sparserec(...args, '--database', service.database.url);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  };
  const put = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const exportsOf = async (catalog: string, format: string) => ({
    settings: await exported(catalog, 'settings'),
    items: await exported(catalog, `items?format=${format}`),
    interactions: await exported(catalog, `interactions?format=${format}`),
    users: await exported(catalog, `users?format=${format}`),
  });
  /** What users are recommended of all items, in the order of ids. */
  const scoresOf = async (catalog: string) => {
    const lists = [];
    for (const userId of ['user-1', 'user-2', 'only, late', ...ODD_IDS.slice(0, 10)]) {
      const path = `${within(catalog)}/users/${encodeURIComponent(userId)}/recommendations?k=1000&fields=tags,metadata`;
      const { status, body } = await service.get(path);
      expect(status).toBe(200);
      const items = body.items as { itemId: string; score: number }[];
      lists.push({ userId, items: items.sort((a, b) => (a.itemId < b.itemId ? -1 : 1)) });
    }
    return lists;
  };
  const train = (catalog: string) =>
    service.train({ model: 'ease', parameters: { regularization: 3 } }, within(catalog));

  it.each(['csv', 'jsonl', 'parquet'])(
    'gives the same export byte for byte and a model with the same scores: %s',
    async (format) => {
      const first = await exportsOf('default', format);
      const [settings, items, rows] = [
        put(`settings-${format}`, first.settings),
        put(`items-${format}`, first.items),
        put(`rows-${format}`, first.interactions),
      ] as const;
      const users = put(`users-${format}`, first.users);
      const files = ['--items', items, '--users', users, '--data', rows];
      run('import', '--settings', settings, ...files, '--catalog', format);
      const second = await exportsOf(format, format);
      expect(second.settings.toString()).toBe(first.settings.toString());
      if (format !== 'parquet') {
        expect(second.items.toString()).toBe(first.items.toString());
        expect(second.interactions.toString()).toBe(first.interactions.toString());
        expect(second.users.toString()).toBe(first.users.toString());
      }
      for (const table of ['settings', 'items', 'interactions', 'users'] as const)
        expect([table, second[table].equals(first[table])]).toEqual([table, true]);
      const [one, other] = [await train('default'), await train(format)];
      expect([one.status, other.status]).toEqual(['succeeded', 'succeeded']);
      const expected = (await scoresOf('default')).map(({ userId, items }) => ({
        userId,
        items: items.map((item) => ({ ...item, score: expect.closeTo(item.score, DIGITS) })),
      }));
      expect(expected[0]!.items.length).toBeGreaterThan(20);
      expect(await scoresOf(format)).toEqual(expected);
    },
  );
});
