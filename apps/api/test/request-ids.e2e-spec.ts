import { TestService } from '../../../test/support/api.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('X-Request-Id', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false, env: { LOG_LEVEL: 'debug' } });
  });
  afterAll(() => service.stop());

  const idOf = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    (await fetch(service.url + path, { headers })).headers.get('x-request-id');

  it.each(['shop:42/a+b=c.d-e_f', 'x'.repeat(128)])(
    'of the request is that of the answer: %s',
    async (id) => {
      for (const path of ['/v1/catalogs', '/v1/catalogs/none', '/none', '/%zz', '/health/live'])
        expect([path, await idOf(path, { 'x-request-id': id })]).toEqual([path, id]);
    },
  );

  it.each(['', 'a b', 'é', '"', 'x'.repeat(129)])(
    'is a new one in place of %p, and each another',
    async (id) => {
      const ids = await Promise.all(
        Array.from({ length: 5 }, () => idOf('/v1/catalogs', id === '' ? {} : { 'x-request-id': id })),
      );
      expect(new Set(ids).size).toBe(5);
      for (const made of ids) expect(made).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each([
    [`00-${TRACE}-00f067aa0ba902b7-01`, TRACE],
    [`00-${TRACE}-00f067aa0ba902b7-00-more`, TRACE],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
    [`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
    ['none', undefined],
  ])('is in the log, with the trace of %s', async (traceparent, traceId) => {
    const id = `of-${traceparent}`;
    await idOf('/v1/catalogs', { 'x-request-id': id, traceparent });
    const line = await service.api.waitForEvent('request.completed', ({ requestId }) => requestId === id);
    expect(line['traceId']).toBe(traceId);
  });

  it('is in what a call goes on to do after its answer', async () => {
    await service.send('PUT', '/v1/catalogs/short-lived');
    const headers = { 'x-request-id': 'deletion', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
    await fetch(`${service.url}/v1/catalogs/short-lived`, { method: 'DELETE', headers });
    for (const event of ['catalog.deletion-started', 'catalog.deleted'])
      expect(await service.api.waitForEvent(event)).toMatchObject({ requestId: 'deletion', traceId: TRACE });
  });
});
