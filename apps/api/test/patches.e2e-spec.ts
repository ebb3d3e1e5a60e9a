import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { shellCommandsOf } from '../../../test/support/shell-commands.js';

const MERGE_PATCH = 'application/merge-patch+json';
const WHOLE = {
  title: 'Dune',
  tags: ['sand', 'space'],
  metadata: { year: 1965, by: { name: 'Herbert', born: 1920 } },
  available: true,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const consentOf = (personal: boolean) => ({ training: true, personal });

describe('patches', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  /** With headers, which `service.send` does not take. */
  const send = async (method: string, path: string, body?: unknown, headers: object = {}) => {
    const response = await fetch(`${service.url}/v1/catalogs/default/${path}`, {
      method,
      headers: { 'content-type': MERGE_PATCH, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  const put = async (id: string, fields: object = WHOLE) =>
    (await service.send('PUT', `items/${id}`, fields)).body.etag as string;
  const etagOf = async (id: string) => (await service.get(`items/${id}`)).headers.get('etag');

  describe('of an item', () => {
    it('change what they name, take null for the default, and leave all else', async () => {
      await put('dune');
      const patch = { tags: null, metadata: { year: null, by: { born: null, died: 1986 }, pages: 412 } };
      const { status, headers, body } = await send('PATCH', 'items/dune', patch);
      const metadata = { by: { name: 'Herbert', died: 1986 }, pages: 412 };
      expect([status, body]).toMatchObject([200, { ...WHOLE, itemId: 'dune', tags: [], metadata }]);
      expect([headers.get('etag'), await etagOf('dune')]).toEqual([body.etag, body.etag]);
      expect((await service.get('items/dune')).body).toEqual(body);
      const json = await service.send('PATCH', 'items/dune', { title: '', metadata: null, available: null });
      expect(json.body).toMatchObject({ title: null, metadata: {}, available: true, tags: [] });
    });

    it('that change nothing leave the item as it is, with its ETag', async () => {
      const etag = await put('dune');
      for (const patch of [{}, WHOLE, { metadata: { gone: null } }, { tags: ['sand', 'space', 'sand'] }])
        expect((await send('PATCH', 'items/dune', patch)).headers.get('etag')).toBe(etag);
      expect(await etagOf('dune')).toBe(etag);
    });

    it('are in lists at once', async () => {
      const [first] = (await service.get('users/nobody/recommendations?k=1')).body.items;
      await send('PATCH', `items/${first.itemId}`, { available: false });
      const { items } = (await service.get('users/nobody/recommendations?k=30')).body;
      expect(items.map(({ itemId }: { itemId: string }) => itemId)).not.toContain(first.itemId);
      await send('PATCH', `items/${first.itemId}`, { available: null, title: 'Back' });
      const [again] = (await service.get('users/nobody/recommendations?k=1')).body.items;
      expect(again).toMatchObject({ itemId: first.itemId, title: 'Back' });
    });

    it('and puts and deletions are refused with 412 where If-Match names another state', async () => {
      const old = await put('dune');
      const now = await put('dune', { ...WHOLE, title: 'Dune II' });
      expect(now).not.toBe(old);
      for (const [method, body] of [
        ['PATCH', { title: 'X' }],
        ['PUT', { title: 'X' }],
        ['DELETE', undefined],
      ] as const)
        for (const ifMatch of [old, '"other"', '']) {
          const type = method === 'DELETE' ? { 'content-type': 'application/json' } : {};
          const sent = { 'if-match': ifMatch, 'content-type': 'application/json', ...type };
          const refused = await send(method, 'items/dune', body ?? {}, sent);
          expect([method, refused.status, refused.body.type]).toEqual([
            method,
            412,
            '/problems/precondition-failed',
          ]);
        }
      expect((await service.get('items/dune')).body).toMatchObject({ title: 'Dune II', etag: now });
      for (const ifMatch of [now, '*', `W/${(await etagOf('dune'))!}`]) {
        const current = ifMatch.startsWith('W/') ? `W/${(await etagOf('dune'))!}` : ifMatch;
        const { status } = await send('PATCH', 'items/dune', { title: ifMatch }, { 'if-match': current });
        expect([ifMatch, status]).toEqual([ifMatch, 200]);
      }
      const absent = await send('PUT', 'items/never', WHOLE, {
        'if-match': '*',
        'content-type': 'application/json',
      });
      expect([absent.status, (await service.get('items/never')).status]).toEqual([412, 404]);
      const last = { 'if-match': (await etagOf('dune'))!, 'content-type': 'application/json' };
      expect((await send('DELETE', 'items/dune', {}, last)).status).toBe(204);
    });

    it('that many send for one state are taken once', async () => {
      const etag = await put('raced', { metadata: { count: 0 } });
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          send('PATCH', 'items/raced', { metadata: { [`by-${n}`]: true } }, { 'if-match': etag }),
        ),
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(11).fill(412)]);
      const unconditional = Array.from({ length: 12 }, (_, n) =>
        send('PATCH', 'items/raced', { metadata: { [`all-${n}`]: n } }),
      );
      await Promise.all(unconditional);
      expect(Object.keys((await service.get('items/raced')).body.metadata)).toHaveLength(2 + 12);
    });

    it('are refused for what an item cannot have, and for one that there is not', async () => {
      await put('dune');
      for (const [patch, pointer] of [
        [{ surprise: 1 }, '#/surprise'],
        [{ createdAt: null }, '#/createdAt'],
        [{ createdAt: '2199-01-01T00:00:00Z' }, '#/createdAt'],
        [{ metadata: 'x' }, '#/metadata'],
        [{ metadata: { long: 'x'.repeat(16_384) } }, '#/metadata'],
        [{ metadata: { long: 'x'.repeat(16_370) } }, '#/metadata'],
      ] as const) {
        const { status, body } = await send('PATCH', 'items/dune', patch);
        expect([status, body.errors?.[0].pointer]).toEqual([422, pointer]);
      }
      await service.send('DELETE', 'items/dune');
      for (const id of ['dune', 'never'])
        expect((await send('PATCH', `items/${id}`, {}, { 'if-match': '*' })).body.type).toBe(
          '/problems/item-not-found',
        );
      expect((await service.send('PUT', 'items/dune', WHOLE, MERGE_PATCH)).status).toBe(415);
    });

    it('that are sent again with a key get the first answer, ETag and all', async () => {
      const headers = { 'if-match': await put('dune'), 'idempotency-key': randomUUID() };
      const first = await send('PATCH', 'items/dune', { title: 'Once' }, headers);
      const again = await send('PATCH', 'items/dune', { title: 'Once' }, headers);
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([
        200,
        first.body,
        first.headers.get('etag'),
      ]);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    });
  });

  describe('of an interaction type', () => {
    it('change what they name, and are in the next answer', async () => {
      await service.send('PUT', 'interaction-types/peek', { halfLifeDays: 7, excludesSeen: false });
      const interactions = [{ userId: 'peeker', itemId: 'item-0', type: 'peek' }];
      await service.send('POST', 'interactions', { interactions });
      const sees = async () => {
        const { items } = (await service.get('users/peeker/recommendations?k=24')).body;
        return (items as { itemId: string }[]).some(({ itemId }) => itemId === 'item-0');
      };
      expect(await sees()).toBe(true);
      const { body } = await send('PATCH', 'interaction-types/peek', { excludesSeen: null, repeats: 'sum' });
      expect(body).toEqual({
        ...{ name: 'peek', trainingWeight: 1, halfLifeDays: 7, positive: true, excludesSeen: true },
        ...{ repeatAfterDays: null, repeats: 'sum', etag: expect.any(String) },
      });
      expect(await sees()).toBe(false);
      expect((await service.get('interaction-types')).body.items).toContainEqual(body);
      const back = await service.send('PATCH', 'interaction-types/peek', {
        halfLifeDays: null,
        repeats: null,
      });
      expect(back.body).toMatchObject({ halfLifeDays: null, repeats: 'max' });
    });

    it('that change nothing give up no cached user; a type that there is not is not made', async () => {
      const epoch = async () =>
        (await service.database.query('SELECT cache_epoch FROM catalogs')).rows[0].cache_epoch as number;
      await service.send('PUT', 'interaction-types/peek', { repeats: 'sum' });
      const before = await epoch();
      for (const patch of [{}, { repeats: 'sum' }, { halfLifeDays: null }])
        expect((await send('PATCH', 'interaction-types/peek', patch)).status).toBe(200);
      expect(await epoch()).toBe(before);
      const { status, body } = await send('PATCH', 'interaction-types/never', { repeats: 'sum' });
      expect([status, body.type]).toEqual([404, '/problems/interaction-type-not-found']);
      const wrong = await send('PATCH', 'interaction-types/peek', { name: 'other' });
      expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '#/name']);
    });
  });

  describe('and puts with If-Match', () => {
    const JSON_BODY = { 'content-type': 'application/json' };
    const SCHEDULE = { cron: '0 3 * * *', timeZone: 'UTC', model: 'ease', parameters: { regularization: 9 } };

    it.each([
      ['a schedule', 'schedules/kept', [SCHEDULE, { ...SCHEDULE, enabled: false }], true],
      ['an interaction type', 'interaction-types/kept', [{ halfLifeDays: 0.1 }, { positive: false }], false],
      ['what a user allows', 'users/kept/consent', [consentOf(true), consentOf(false)], true],
    ] as const)('change %s only in the state that is named', async (_what, path, [one, other], isRead) => {
      const change = (body: object, ifMatch: string) =>
        send('PUT', path, body, { ...JSON_BODY, 'if-match': ifMatch });
      expect([(await change(one, '*')).status, (await change(one, '"x"')).status]).toEqual([412, 412]);
      const first = await send('PUT', path, one, JSON_BODY);
      const { etag } = first.body as { readonly etag: string };
      expect(first.headers.get('etag')).toBe(etag);
      if (isRead) expect((await service.get(path)).headers.get('etag')).toBe(etag);
      const both = await Promise.all([other, other].map((body) => change(body, etag)));
      expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
      const [refused] = both.filter(({ status }) => status === 412);
      expect(refused?.body.type).toBe('/problems/precondition-failed');
      const now = both.find(({ status }) => status === 200)!.body as { readonly etag: string };
      expect(now.etag).not.toBe(etag);
      expect((await change(one, `W/${now.etag}`)).body.etag).toBe(etag);
    });

    it('make and delete a schedule, and patch a type, only in the state that is named', async () => {
      const make = () => send('PUT', 'schedules/deleted', SCHEDULE, { ...JSON_BODY, 'if-none-match': '*' });
      const made = await Promise.all([make(), make()]);
      expect(made.map(({ status }) => status).sort()).toEqual([201, 412]);
      const { body } = made.find(({ status }) => status === 201)!;
      const remove = async (ifMatch: string) =>
        (await send('DELETE', 'schedules/deleted', {}, { ...JSON_BODY, 'if-match': ifMatch })).status;
      expect([await remove('"x"'), await remove(body.etag), await remove(body.etag)]).toEqual([
        412, 204, 404,
      ]);
      await send('PUT', 'interaction-types/patched', {}, JSON_BODY);
      const { items } = (await service.get('interaction-types')).body;
      const { etag } = items.find(({ name }: { name: string }) => name === 'patched');
      const patch = () =>
        send('PATCH', 'interaction-types/patched', { repeats: 'sum' }, { 'if-match': etag });
      expect([(await patch()).status, (await patch()).status]).toEqual([200, 412]);
    });
  });

  it('of a sign are what an import with dryRun heeds, as the import does', async () => {
    const at = '/v1/catalogs/signs';
    await service.send('PUT', at);
    await service.send('PUT', `${at}/interaction-types/low-rating`, { positive: true });
    const send = (query: string) =>
      service.send(
        'POST',
        `${at}/interactions/import${query}`,
        'userId,itemId,rating\nrater,good,5\nrater,bad,1\n',
        'text/csv',
      );
    const [real, dry] = [await send(''), await send('?dryRun=true')];
    expect([real.status, real.body.type]).toEqual([409, '/problems/interaction-type-conflict']);
    expect([dry.status, dry.body]).toEqual([409, { ...real.body, instance: dry.body.instance }]);
    expect(dry.body.detail).toContain('PUT /interaction-types/low-rating');
    expect((await send('?dryRun=true&allRatingsPositive=true')).status).toBe(200);
    await service.send('PUT', `${at}/interaction-types/low-rating`, { positive: false });
    expect((await send('?dryRun=true')).body).toMatchObject({ likes: 1, lowRatings: 1 });
  });

  it('and all other calls of docs/data.md work in their order, in a catalog that is empty before', async () => {
    const at = '/v1/catalogs/as-documented';
    await service.send('PUT', at);
    const folder = mkdtempSync(join(tmpdir(), 'sparserec-calls-'));
    const commands = shellCommandsOf('docs/data.md').filter((command) => command.startsWith('curl'));
    const answers: unknown[] = [];
    try {
      for (const command of commands) {
        const local = command
          .replace('http://127.0.0.1:3000/v1/catalogs/default', service.url + at)
          .replace('curl -s', 'curl -s --fail-with-body');
        const ran = promisify(execFile)('bash', ['-c', local], { cwd: folder });
        const { stdout } = await ran.catch((error: unknown) => {
          throw new Error(`${command}\n${(error as { stdout: string }).stdout}`, { cause: error });
        });
        if (!command.includes(' -o ')) answers.push(JSON.parse(stdout));
      }
      const items = readFileSync(join(folder, 'items.jsonl'), 'utf8').trimEnd().split('\n');
      expect(items.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ itemId: 'item-3', title: 'Third', available: false }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(answers).toMatchObject([
      { stored: 1 },
      { interactions: 1, columns: { user: 'visitorid', item: 'movieId', type: 'event' } },
      { created: 1 },
      { name: 'interaction', halfLifeDays: 30 },
      { itemId: 'item-3', available: false, metadata: { pages: 320 } },
      { results: [{ itemId: 'item-3' }, { itemId: 'item-4' }] },
      { results: [{ itemId: 'item-5' }, { itemId: 'item-6' }] },
      { name: 'play', repeats: 'sum' },
      { deleted: 0 },
      { deleted: 1 },
      { deleted: 0 },
    ]);
  });
});
