import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { LOW_RATING, openSources, understand } from '#datasets';
import { TestService } from '../../../test/support/api.js';

const CASES = join(import.meta.dirname, '../../../../shared/data-cases');
const AT = '2026-01-01T00:00:00Z';
const IDLE = { status: 408, type: '/problems/request-timeout' };

describe('POST /interactions/import', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false, env: { IMPORT_IDLE_SECONDS: '1' } });
  });
  afterAll(() => service.stop());

  const url = (query = '') => `${service.url}/v1/catalogs/default/interactions/import${query}`;
  const post = async (
    body: string | Buffer,
    query = '',
    type = 'text/csv',
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: ReturnType<typeof JSON.parse> }> => {
    const response = await fetch(url(query), {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': type, ...headers },
    });
    return { status: response.status, body: await response.json() };
  };
  const rowsOf = async (userId: string): Promise<{ item: string; type: string }[]> =>
    (
      await service.database.query(
        `SELECT i.external_id AS item, t.name AS type, x.weight, x.occurred_at AS at FROM interactions x
         JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
         JOIN interaction_types t USING (catalog_id, type_key) WHERE u.external_id = $1 ORDER BY 1`,
        [userId],
      )
    ).rows;
  const countAll = async () =>
    Number((await service.database.query('SELECT count(*) FROM interactions')).rows[0].count);

  it('understands columns by other names, and says which is what', async () => {
    const csv = `visitorid;movieId;event;when;price\nann;m-1;buy;${AT};3\n`;
    const refused = await post(csv.replace('movieId', 'thing'));
    expect([refused.status, refused.body.type]).toEqual([422, '/problems/import-source-invalid']);
    expect(refused.body.detail).toContain('`columns` item=NAME');
    const { status, body } = await post(csv, '?columns=time%3Dwhen');
    expect([status, body.stored]).toEqual([200, 1]);
    expect(body.summary).toMatchObject({
      format: 'csv',
      delimiter: ';',
      columns: { user: 'visitorid', item: 'movieId', type: 'event', time: 'when' },
      ignoredColumns: ['price'],
      interactions: 1,
    });
    expect(body.summary.command).toBe(
      'encoding=utf-8&delimiter=%3B&header=true&columns=user%3Dvisitorid%2Citem%3DmovieId%2Ctype%3Devent%2Ctime%3Dwhen&ignoreColumns=price&timeFormat=iso',
    );
    expect(await rowsOf('ann')).toEqual([{ item: 'm-1', type: 'buy', weight: 1, at: new Date(AT) }]);
  });

  it.each([
    ['u;i;4,5;2020-01-02\nu;j;2;2020-01-03\n', '?columns=user%3D1,item%3D2,rating%3D3,time%3D4&header=false'],
    ['user\tthe item\tstars\nu\ti\t7\nu\tj\t\nv\ti\tx\n', '?columns=item%3Dthe+item&onInvalid=skip'],
    [
      'user,item,type,plays\nu,i,a=b & c,3\n',
      '?columns=rating%3Dplays&ratingAsWeight=true&typeWeight=view%3D2',
    ],
    ['1 2 3\n4 5 6 7 8\n', '?format=train.txt'],
  ])('says the query that says the same explicitly of %j', async (text, query) => {
    const { status, body } = await post(text, `${query}&dryRun=true`);
    expect(status).toBe(200);
    const again = await post(text, `?${body.command}&dryRun=true`);
    expect([again.status, again.body]).toEqual([200, body]);
  });

  it('stores nothing with dryRun, and answers what inspect prints', async () => {
    const before = await countAll();
    const { status, body } = await post('userId,itemId\ndry,item\n', '?dryRun=true');
    expect([status, body.users, body.items, body.interactions, body.stored]).toEqual([
      200,
      1,
      1,
      1,
      undefined,
    ]);
    expect(body.sample).toEqual([
      { userId: 'dry', itemId: 'item', type: 'interaction', weight: 1, occurredAt: null },
    ]);
    expect(await countAll()).toBe(before);
    expect(await rowsOf('dry')).toEqual([]);
  });

  it('reads ratings by their scale, and takes low ones for seen and not liked', async () => {
    const csv = `userId,itemId,rating,timestamp\nrater,good,5,1600000000\nrater,bad,1,1600000000\nrater,none,0,1600000000\n`;
    const { body } = await post(csv);
    expect([body.stored, body.summary.likes, body.summary.lowRatings]).toEqual([2, 1, 1]);
    expect(body.summary.leftOut).toEqual([{ reason: 'not rated', rows: 1, firstLines: [4] }]);
    expect((await rowsOf('rater')).map(({ item, type }) => [item, type])).toEqual([
      ['bad', LOW_RATING],
      ['good', 'interaction'],
    ]);
    const { body: types } = await service.get('interaction-types');
    expect(types.items).toContainEqual(expect.objectContaining({ name: LOW_RATING, positive: false }));
  });

  it('reads what is packed by its content, whatever its type or Content-Encoding says', async () => {
    const packed = (user: string) => gzipSync(`userId,itemId\n${user},z\n`);
    expect((await post(packed('g1'), '', 'application/gzip')).body.stored).toBe(1);
    expect((await post(packed('g2'), '', 'application/octet-stream')).body.stored).toBe(1);
    expect((await post(packed('g3'), '', 'text/csv', { 'content-encoding': 'gzip' })).body.stored).toBe(1);
    const other = await post('userId,itemId\ng4,z\n', '', 'text/csv', { 'content-encoding': 'br' });
    expect([other.status, other.body.type]).toEqual([415, '/problems/unsupported-media-type']);
    const array = await post(JSON.stringify([{ userId: 'g5', itemId: 'z' }]), '', 'application/json');
    expect(array.body.stored).toBe(1);
  });

  it('obeys charset and encoding, and names what it found without them', async () => {
    const bytes = Buffer.from('userId,itemId\nlatin,caf\u00e9\n', 'latin1');
    const found = await post(bytes, '?dryRun=true', 'application/octet-stream');
    expect([found.body.encoding, found.body.sample[0].itemId]).toEqual(['latin1', 'caf\u00e9']);
    const told = await post(bytes, '?dryRun=true', 'text/csv; charset=iso-8859-2');
    expect(told.body.encoding).toBe('iso-8859-2');
    const wrong = await post(bytes, '?dryRun=true&encoding=utf-8', 'text/csv; charset=iso-8859-2');
    expect([wrong.status, wrong.body.detail]).toEqual([422, expect.stringContaining('line 2')]);
    expect((await post(bytes, '', 'text/csv; charset=klingon')).status).toBe(415);
  });

  it('names a parameter that cannot be read, and two that exclude each other', async () => {
    const pointers = async (query: string) =>
      (await post('userId,itemId\na,b\n', query)).body.errors?.map(
        ({ pointer }: { pointer: string }) => pointer,
      );
    expect(await pointers('?columns=user')).toEqual(['#/columns']);
    expect(await pointers('?noHeader=true&skipInvalid=true')).toEqual(['#/noHeader', '#/skipInvalid']);
    expect(await pointers('?encoding=klingon')).toEqual(['#/encoding']);
    expect(await pointers('?timeFormat=%00')).toEqual(['#/timeFormat']);
    expect(await pointers('?typeWeight=view')).toEqual(['#/typeWeight']);
    expect(await pointers('?scale=0')).toEqual(['#/scale']);
    expect(await pointers('?minRating=3&ratingAsWeight=true')).toEqual(['#/ratingAsWeight']);
    expect(await pointers('?delimeter=%3B')).toEqual(['#/delimeter']);
  });

  it('weighs interaction types by typeWeight, and leaves none of a refused import', async () => {
    const csv = 'userId,itemId,type\nw,a,gift\n';
    expect((await post(`${csv}w,,gift\n`, '?typeWeight=gift%3D5')).status).toBe(422);
    expect(JSON.stringify((await service.get('interaction-types?limit=500')).body)).not.toContain('"gift"');
    expect((await post(csv, '?typeWeight=gift%3D5')).status).toBe(200);
    const { body } = await service.get('interaction-types?limit=500');
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'gift', trainingWeight: 5 }));
  });

  it('gives up a body of which nothing comes, and stores nothing of it', async () => {
    const before = await countAll();
    const body = Readable.from(
      (async function* () {
        yield 'userId,itemId\nidle,item\n';
        await new Promise(() => undefined);
      })(),
    );
    const response = await fetch(url(), {
      ...{ method: 'POST', headers: { 'content-type': 'text/csv' }, duplex: 'half' },
      body: Readable.toWeb(body),
    } as RequestInit);
    expect(await response.json()).toMatchObject(IDLE);
    expect(response.headers.get('connection')).toBe('close');
    expect(await countAll()).toBe(before);
  });

  const postItems = async (body: string, query = '', type = 'text/csv') =>
    service.send('POST', `items/import${query}`, body, type);

  it('stores items of a file with title, tags, metadata and availability, and replaces what is known', async () => {
    const csv = 'itemId,title,genres,available,price\nshop-1,One,war|art,true,9.5\nshop-2,Two,,false,\n';
    const dry = await postItems(csv, '?dryRun=true');
    expect([dry.status, dry.body.items, dry.body.titles, dry.body.created]).toEqual([200, 2, 2, undefined]);
    expect((await service.get('items/shop-1')).status).toBe(404);
    const { status, body } = await postItems(csv);
    expect([status, body.created, body.updated, body.summary.format]).toEqual([200, 2, 0, 'csv']);
    expect((await service.get('items/shop-1')).body).toMatchObject({
      title: 'One',
      tags: ['war', 'art'],
      metadata: { price: 9.5 },
      available: true,
    });
    expect((await service.get('items/shop-2')).body.available).toBe(false);
    const again = await postItems('{"itemId":"shop-2","title":"Zwei"}\n', '', 'application/x-ndjson');
    expect([again.body.created, again.body.updated]).toEqual([0, 1]);
    expect((await service.get('items/shop-2')).body).toMatchObject({ title: 'Zwei', available: true });
  });

  it('counts the age of an item from the time that a file or a call gives', async () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const csv = `itemId,tags,createdAt,deletedAt\nold,aged,${daysAgo(400)},\ngone,aged,${daysAgo(9)},${daysAgo(1)}\n`;
    const imported = await postItems(csv);
    expect(imported.body).toMatchObject({
      created: 1,
      updated: 0,
      deleted: 1,
      summary: { items: 2, deleted: 1 },
    });
    expect((await service.get('items/gone')).status).toBe(404);
    const put = await service.send('PUT', 'items/young', { tags: ['aged'], createdAt: daysAgo(2) });
    expect([put.status, put.body.createdAt]).toEqual([201, expect.stringContaining(daysAgo(2).slice(0, 10))]);
    await service.send('POST', 'items', {
      items: [{ itemId: 'medium', tags: ['aged'], createdAt: daysAgo(40) }],
    });
    const found = async (ageDays: object) => {
      const filter = JSON.stringify({ tags: { any: ['aged'] }, ageDays });
      const { body } = await service.get(`popular?k=10&filter=${encodeURIComponent(filter)}`);
      return body.items.map(({ itemId }: { itemId: string }) => itemId);
    };
    for (const itemId of ['old', 'young', 'medium', 'gone'])
      await service.send('POST', 'interactions', { interactions: [{ userId: 'aged', itemId }] });
    expect(await found({ lte: 10 })).toEqual(['young']);
    expect(await found({ gte: 100 })).toEqual(['old']);
    expect((await found({ gte: 0 })).sort()).toEqual(['medium', 'old', 'young']);
    await service.send('PUT', 'items/old', { tags: ['aged'] });
    expect(await found({ gte: 100 })).toEqual(['old']);
  });

  it('refuses an item that is dated ahead of the clock, by whatever it comes', async () => {
    const createdAt = new Date(Date.now() + 3_600_000).toISOString();
    const put = await service.send('PUT', 'items/ahead', { createdAt });
    const posted = await service.send('POST', 'items', {
      items: [{ itemId: 'a' }, { itemId: 'ahead', createdAt }],
    });
    expect([put, posted].map(({ status, body }) => [status, body.errors[0].pointer])).toEqual([
      [422, '#/createdAt'],
      [422, '#/items/1/createdAt'],
    ]);
    const imported = await postItems(`itemId,createdAt\nahead,${createdAt}\n`);
    expect([imported.status, imported.body.row, imported.body.reason]).toEqual([
      422,
      2,
      expect.stringContaining("ahead of the server's clock"),
    ]);
    expect((await service.get('items/ahead')).status).toBe(404);
    const days = await postItems(
      'itemId,createdAt\nday,01.02.2024\n',
      `?timeFormat=${encodeURIComponent('dd.MM.yyyy')}`,
    );
    expect([days.status, (await service.get('items/day')).body.createdAt]).toEqual([
      200,
      '2024-02-01T00:00:00.000Z',
    ]);
  });

  it('refuses a file of items with a bad row whole, or leaves the row out', async () => {
    const csv = 'itemId,title\nrow-1,One\n..,Two\n';
    const refused = await postItems(csv);
    expect([refused.status, refused.body.type, refused.body.row]).toEqual([
      422,
      '/problems/import-row-invalid',
      3,
    ]);
    expect((await service.get('items/row-1')).status).toBe(404);
    const skipped = await postItems(csv, '?onInvalid=skip');
    expect([skipped.body.created, skipped.body.summary.leftOut[0].rows]).toEqual([1, 1]);
    const none = await postItems('title,price\nOne,2\n');
    expect([none.status, none.body.type]).toEqual([422, '/problems/import-source-invalid']);
  });

  const hasCases = existsSync(CASES);
  (hasCases ? it : it.skip)(
    'says of each file what the command line says of it (needs ../shared/data-cases)',
    async () => {
      const files = [CASES, join(CASES, 't')]
        .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
        .filter((path) => statSync(path).isFile() && !/README|-t(rain|est)\.txt$/.test(path));
      expect(files.length).toBeGreaterThan(70);
      for (const path of files) {
        const { status, body } = await post(readFileSync(path), '?dryRun=true', 'application/octet-stream');
        const { command: _, files: __, ...answered } = body;
        expect([path, status, answered]).toEqual([path, ...(await expected(path, answered))]);
      }
    },
  );
});

/** What the command line makes of a file: status and answer. */
async function expected(path: string, answered: object): Promise<[number, object]> {
  const sources = await openSources(path);
  try {
    const { summary } = await understand(sources, { clockToleranceSeconds: 300 });
    const { command: _, files: __, ...rest } = summary;
    return [
      200,
      JSON.parse(JSON.stringify(rest).replaceAll(path, 'the body').replaceAll('--scale', '`scale`')),
    ];
  } catch {
    return [422, { ...answered, type: expect.stringMatching(/^\/problems\/import-(row|source)-invalid$/) }];
  } finally {
    await sources.dispose();
  }
}
