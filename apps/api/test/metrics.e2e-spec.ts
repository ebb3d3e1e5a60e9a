import { connect } from 'node:net';
import { SOURCES } from '#ranking';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { DocumentedCalls } from '../../../test/support/documented-calls.js';
import { waitFor } from '../../../test/support/processes.js';
import { documentedMetrics, parseMetrics, valueOf, type Metric } from '../../../test/support/prometheus.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { LIST_TIME_BOUNDS } from '../src/recommendations/answers/list-times.js';
import { MOST_PAIRS } from '../src/telemetry/request-counts.js';

const MOST_SERIES = 2_000;
/** More than the service has, of which some routes may be counted together. */
const STATUSES = 30;
/** Of `nodejs_active_resources`: more than Node has in a server. */
const RESOURCES = 30;
/** Labels that Prometheus and its library add. */
const NOT_OURS = ['le', 'quantile'];

const numSeries = (metrics: Map<string, Metric>) =>
  [...metrics.values()].reduce((sum, { series }) => sum + series.length, 0);

describe('metrics of the API', () => {
  let service: TestService;
  let run: { readonly id: string; readonly modelId: string };

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '', needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    run = await service.train();
  });
  afterAll(() => service.stop());

  const read = async () => parseMetrics((await service.get('/metrics')).body);
  /** By how much a value grows. */
  const growthOf = async (
    name: string,
    labels: Readonly<Record<string, string>>,
    work: () => Promise<unknown>,
  ) => {
    const before = valueOf(await read(), name, labels);
    await work();
    return valueOf(await read(), name, labels) - before;
  };

  it('are text that Prometheus reads', async () => {
    const { status, headers } = await service.get('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  });

  it('count requests by the pattern of their route and by status, HEAD as GET', async () => {
    const route = '/v1/catalogs/:catalog/items/:id';
    const requests = async () => {
      await service.get('/v1/catalogs/default/items/item-1');
      await service.get('/v1/catalogs/default/items/item-2');
      await fetch(`${service.url}/v1/catalogs/default/items/item-3`, {
        method: 'HEAD',
        headers: service.keyHeader,
      });
      await service.get('/v1/catalogs/default/items/nothing');
    };
    const name = 'sparserec_http_requests_total';
    expect(await growthOf(name, { route, method: 'GET', status: '200' }, requests)).toBe(3);
    expect(await growthOf(name, { route, method: 'GET', status: '404' }, requests)).toBe(1);
  });

  it('have the failures of every call from the start, so that the first one is a step', async () => {
    const { series } = (await read()).get('sparserec_http_requests_total')!;
    const known = new Set(
      series.map(({ labels: { method, route, status } }) => `${method} ${route} ${status}`),
    );
    const { document } = await DocumentedCalls.of(service, run);
    for (const { method, path } of document.calls)
      for (const status of [500, 503]) {
        const route = path.replaceAll('{', ':').replaceAll('}', '');
        expect(known).toContain(`${method.toUpperCase()} ${route} ${status}`);
      }
  });

  it('count addresses and methods that there are not as one route', async () => {
    const requests = async () => {
      for (let n = 0; n < 20; n++) await service.get(`/v${n}/nothing`);
      await service.send('PATCH', '/v1/catalogs');
    };
    const labels = { route: 'unknown', method: 'other' };
    expect(await growthOf('sparserec_http_requests_total', labels, requests)).toBe(21);
  });

  it('count a request whose caller has gone before the answer apart', async () => {
    const labels = { route: '/v1/catalogs/:catalog/interactions', method: 'POST', status: 'none' };
    const name = 'sparserec_http_requests_total';
    const before = valueOf(await read(), name, labels);
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const { authorization } = service.keyHeader;
    const head = ['POST /v1/catalogs/default/interactions HTTP/1.1', 'host: localhost'];
    const fields = [`authorization: ${authorization}`, 'content-type: application/json', 'content-length: 9'];
    socket.end([...head, ...fields, '', '{'].join('\r\n'));
    socket.resume();
    await waitFor('its count', async () => valueOf(await read(), name, labels) === before + 1);
  });

  it('measure lists by what made them and by the kind of the model', async () => {
    const name = 'sparserec_list_duration_seconds_count';
    const list = (address: string) => () => service.get(address);
    const known = 'users/user-1/recommendations?k=3';
    expect(await growthOf(name, { source: 'model', model_kind: 'ease' }, list(known))).toBe(1);
    const unknown = 'users/nobody/recommendations?k=3';
    expect(await growthOf(name, { source: 'popular', model_kind: 'ease' }, list(unknown))).toBe(1);
    expect(await growthOf(name, { source: 'popular', model_kind: 'ease' }, list('popular?k=3'))).toBe(1);
    const similar = 'items/item-1/similar?k=3';
    expect(await growthOf(name, { source: 'model', model_kind: 'ease' }, list(similar))).toBe(1);
    const page = async () => {
      const { body } = await service.get(`${known}&paging=true`);
      await service.get(`${known}&cursor=${body.nextCursor}`);
    };
    expect(await growthOf(name, { source: 'page' }, page)).toBe(1);
    const batch = () =>
      service.send('POST', 'recommendations/batch', {
        requests: [{ userId: 'user-2' }, { items: [{ itemId: 'item-2' }] }],
      });
    expect(await growthOf(name, { source: 'model' }, batch)).toBe(2);
    const catalog = '/v1/catalogs/without-model';
    await service.send('PUT', catalog);
    expect(await growthOf(name, { source: 'none', model_kind: 'none' }, list(`${catalog}/popular`))).toBe(1);
  });

  it('count every observation of a list once, in the bucket of all', async () => {
    const { series } = (await read()).get('sparserec_list_duration_seconds')!;
    const all = series.filter(({ labels }) => labels['le'] === '+Inf');
    expect(all.length).toBeGreaterThan(2);
    for (const { labels, value } of all) {
      const { le: _, ...own } = labels;
      expect(valueOf(await read(), 'sparserec_list_duration_seconds_count', own)).toBe(value);
    }
  });

  it('count hits and misses of each cache, and fold-ins', async () => {
    const name = 'sparserec_cache_lookups_total';
    const list = (user: string) => () => service.get(`users/${user}/recommendations?k=3`);
    const fresh = list('user-11');
    await service.send('POST', 'interactions', { interactions: [{ userId: 'user-11', itemId: 'item-1' }] });
    expect(await growthOf('sparserec_fold_ins_total', { model_kind: 'ease' }, fresh)).toBe(1);
    expect(await growthOf(name, { layer: 'users-in-process', result: 'hit' }, fresh)).toBe(1);
    expect(await growthOf(name, { layer: 'best-items', result: 'hit' }, fresh)).toBe(1);
    expect(await growthOf('sparserec_fold_ins_total', { model_kind: 'ease' }, fresh)).toBe(0);
    expect(await growthOf(name, { layer: 'users-in-process', result: 'miss' }, list('user-13'))).toBe(1);
    const filter = { k: 3, items: [{ itemId: 'item-1' }], filter: { tags: { any: ['x'] } } };
    const filtered = () => service.send('POST', 'recommendations', filter);
    expect(await growthOf(name, { layer: 'filter-columns', result: 'miss' }, filtered)).toBe(1);
    expect(await growthOf(name, { layer: 'filter-columns', result: 'hit' }, filtered)).toBe(1);
  });

  it('say what the process keeps, by owner, and how it is connected', async () => {
    const metrics = await read();
    expect(valueOf(metrics, 'sparserec_memory_bytes', { owner: 'item-side' })).toBeGreaterThan(0);
    expect(valueOf(metrics, 'sparserec_memory_bytes', { owner: 'users' })).toBeGreaterThan(0);
    expect(valueOf(metrics, 'sparserec_memory_bytes', { owner: 'chosen-models' })).toBe(0);
    expect(valueOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(valueOf(metrics, 'sparserec_postgres_connections')).toBeGreaterThan(0);
    expect(valueOf(metrics, 'sparserec_change_feed_polling')).toBe(0);
    expect(valueOf(metrics, 'sparserec_change_feed_last_heard_timestamp_seconds')).toBeGreaterThan(1e9);
    const connections = metrics
      .get('sparserec_redis_connected')!
      .series.map(({ labels }) => labels['connection']);
    expect(connections).toEqual(REDIS_SERVER === '' ? [] : ['cache', 'queue']);
  });

  it('are those of docs/operations.md, with the same types and labels', async () => {
    const documented = documentedMetrics().filter(({ processes }) => processes.includes('api'));
    const answered = await read();
    expect([...answered.values()].map(({ name, type }) => `${name} ${type}`).sort()).toEqual(
      documented.map(({ name, type }) => `${name} ${type}`).sort(),
    );
    for (const { name, labels } of documented) {
      const used = new Set(answered.get(name)!.series.flatMap((one) => Object.keys(one.labels)));
      expect([
        name,
        [...used].filter((label) => !labels.includes(label) && !NOT_OURS.includes(label)),
      ]).toEqual([name, []]);
    }
  });

  it('have at most 2,000 series, whatever is called', async () => {
    const calls = await DocumentedCalls.of(service, run);
    for (let n = 0; n < 300; n++) {
      await service.get(`/v1/catalogs/catalog-${n}/popular`);
      await service.get(`/nothing/${n}`);
    }
    for (const call of calls.all) {
      const address = await calls.addressOf(call);
      await calls.send(call, address, calls.bodiesOf(call)[0]);
      await calls.send(call, `${address}?surprise=1`);
      if (call.method === 'post') await calls.send(call, address, ['application/xml', '<surprise/>']);
      await calls.send({ ...call, method: 'patch' }, address);
    }
    const metrics = await read();
    expect(metrics.get('sparserec_http_requests_total')!.series.length).toBeGreaterThan(calls.all.length);
    // What no call can add to is there; of the rest as much as its labels allow.
    const grows = /http_requests|list_duration|fold_ins|active_resources/;
    const others = [...metrics.values()].filter(({ name }) => !grows.test(name));
    const kinds = Number((await service.get('/v1/model-kinds')).body.kinds.length);
    // And `page`, `none` of sources; `none` of kinds; `+Inf`, sum and count.
    const lists = (SOURCES.length + 2) * (kinds + 1) * (LIST_TIME_BOUNDS.length + 3);
    const most = others.reduce(
      (sum, { series }) => sum + series.length,
      MOST_PAIRS + STATUSES + lists + kinds + RESOURCES,
    );
    expect(kinds).toBeGreaterThan(5);
    expect(numSeries(metrics)).toBeLessThan(most);
    expect(most).toBeLessThanOrEqual(MOST_SERIES);
  });
});
