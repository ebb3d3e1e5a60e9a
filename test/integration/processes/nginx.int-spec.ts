import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { TestService, twoTastes } from '../../support/api.js';
import { SteadyLoad } from '../../support/balancer.js';
import { answerTo } from '../../support/http.js';
import { describeWithNginx, TestNginx } from '../../support/nginx.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

const CATALOG = '/v1/catalogs/default';
const ESTABLISHED = '01';

/** Whether it has an open file of some size, such as the part of an import that it has received. */
function hasLargeFile({ pid }: ServiceProcess): boolean {
  const files = readdirSync(`/proc/${pid}/fd`).map((fd) =>
    statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false }),
  );
  return files.some((file) => file?.isFile() && file.size > 500_000);
}

describeWithNginx('two API processes behind nginx as docker/nginx says', () => {
  let service: TestService;
  let nginx: TestNginx;
  let base: string;
  let ports: readonly [number, number];
  let second: ServiceProcess;

  const startSecond = async () => {
    second = new ServiceProcess('programs/api.js', {
      ...{ DATABASE_URL: service.database.url, PORT: String(ports[1]), TRUST_PROXY: '127.0.0.1' },
      RECONCILE_SECONDS: '1',
    });
    await second.waitForEvent('api.started');
  };
  const send = (method: string, path: string, body?: unknown) =>
    fetch(base + path, {
      method,
      headers: { ...service.keyHeader, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  /**
   * A call whose body is written by whoever makes it, on a connection of its own: nginx closes those that are
   * kept when it takes on other settings, which may meet a call on its way.
   */
  const open = (method: string, path: string, headers: Record<string, string> = {}) =>
    request(base + path, { method, agent: false, headers: { ...service.keyHeader, ...headers } });

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true, env: { TRUST_PROXY: '127.0.0.1' } });
    ports = [Number(new URL(service.url).port), await findFreePort()];
    await startSecond();
    nginx = await TestNginx.start(ports);
    base = `${nginx.url}/recommender`;
    await send('POST', `${CATALOG}/interactions`, { interactions: twoTastes() });
  });
  afterAll(async () => {
    await nginx.stop();
    await second.kill();
    await service.stop();
  });

  it('name themselves by the address of nginx, in Location and OpenAPI, and are reached there', async () => {
    const started = await send('POST', `${CATALOG}/training-runs`, { model: 'popularity' });
    const location = started.headers.get('location')!;
    expect(location.startsWith(`${base}/v1/`)).toBe(true);
    expect((await fetch(location, { headers: service.keyHeader })).status).toBe(200);
    const document = (await (await send('GET', '/docs-json')).json()) as { readonly servers: unknown };
    expect(document.servers).toEqual([{ url: base }]);
  });

  it('show Swagger UI below the prefix, with all that it loads', async () => {
    const page = await fetch(nginx.url + '/recommender', { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([308, `${base}/`]);
    const html = await (await send('GET', '/docs/')).text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      const { status } = await fetch(new URL(asset, `${base}/docs/`), { headers: service.keyHeader });
      expect([asset, status]).toEqual([asset, 200]);
    }
  });

  it('pass request ids on in both directions, and keep connections of nginx', async () => {
    for (let n = 0; n < 10; n++) {
      const headers = { ...service.keyHeader, 'x-request-id': `mine-${n}` };
      const answer = await fetch(`${base}/v1/catalogs`, { headers });
      expect(answer.headers.get('x-request-id')).toBe(`mine-${n}`);
    }
    const table = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
    const ofApis = ports.map((port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`);
    const kept = table
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , to, state]) => ofApis.includes(to!) && state === ESTABLISHED);
    expect(kept.length).toBeGreaterThan(0);
  });

  it('send an event of a run before the run ends', async () => {
    process.kill(service.worker.pid, 'SIGSTOP');
    try {
      const { headers } = await send('POST', `${CATALOG}/training-runs`, { model: 'ease' });
      const following = request(`${headers.get('location')}/events`, { headers: service.keyHeader }).end();
      const [events] = (await once(following, 'response')) as [IncomingMessage];
      const [first] = (await once(events, 'data')) as [Buffer];
      expect(first.toString()).toContain('"status":"queued"');
      process.kill(service.worker.pid, 'SIGCONT');
      let rest = '';
      for await (const chunk of events) rest += String(chunk);
      expect(rest).toMatch(/event: succeeded\n/);
    } finally {
      process.kill(service.worker.pid, 'SIGCONT');
    }
  });

  it('take in an import of any size while it is being sent', async () => {
    const importing = open('POST', `${CATALOG}/interactions/import`, { 'content-type': 'text/csv' });
    const rowsFrom = (first: number) =>
      Array.from(
        { length: 100_000 },
        (_, n) => `user-${n % 500},item-${first + (n % 7)},${first * 100_000 + n}\n`,
      ).join('');
    importing.write(`userId,itemId,timestamp\n${rowsFrom(10_000)}`);
    await waitFor('an API to have some of it', () => [service.api, second].some(hasLargeFile));
    importing.end(rowsFrom(11_000));
    const answer = await answerTo(importing);
    expect([answer.status, JSON.parse(answer.text).stored]).toEqual([200, 200_000]);
  });

  it('fail no call while each is taken out, restarted and put back, nor when one is killed', async () => {
    let numPosted = 0;
    const load = new SteadyLoad({
      posts: async (n) => {
        const posting = open('POST', `${CATALOG}/interactions`, { 'content-type': 'application/json' });
        posting.end(JSON.stringify({ interactions: [{ userId: `poster-${n}`, itemId: 'item-1' }] }));
        const { status, text } = await answerTo(posting);
        if (status !== 200) throw new Error(`${status} ${text}`);
        numPosted++;
      },
      lists: async (n) => {
        const { status, text } = await answerTo(
          open('GET', `${CATALOG}/users/user-${n % 40}/recommendations`).end(),
        );
        if (status !== 200) throw new Error(`${status} ${text}`);
      },
    });
    await load.untilMoreAnswered();
    await nginx.takeOut([ports[1]]);
    expect(await second.kill('SIGTERM')).toBe(0);
    await load.untilMoreAnswered();
    await startSecond();
    await nginx.takeOut([ports[0]]);
    await load.untilMoreAnswered();
    await nginx.takeOut([]);
    await load.untilMoreAnswered();
    await load.stop();
    expect(load.failures).toEqual([]);
    await second.kill('SIGKILL');
    for (let n = 0; n < 6; n++) {
      const { status } = await send('POST', `${CATALOG}/interactions`, {
        interactions: [{ userId: `killed-${n}`, itemId: 'item-1' }],
      });
      expect(status).toBe(200);
    }
    const { rows } = await service.database.query(
      "SELECT count(*)::int AS stored FROM interactions i JOIN users u USING (catalog_id, user_key) WHERE external_id ~ '^(poster|killed)-'",
    );
    expect(rows).toEqual([{ stored: numPosted + 6 }]);
  });
});
