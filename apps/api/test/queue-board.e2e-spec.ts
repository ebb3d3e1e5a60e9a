import { createHash } from 'node:crypto';
import { TestService } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends, describeWithRedis } from '../../../test/support/redis.js';

type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };
type StartOptions = Parameters<typeof TestService.start>[0];

const PAGE = { accept: 'text/html' };
const JSON_BODY = { 'content-type': 'application/json' };

describeOnBackends('the queue board', ({ redis, backend }) => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis, needsKeys: true });
  });
  afterAll(() => service.stop());

  const ask = (path: string, { headers, ...options }: Asked = {}) =>
    fetch(service.url + path, { ...options, headers: { ...service.keyHeader, ...headers } });
  const queuesOf = async () => {
    const { queues } = await (
      await ask('/queues/api/queues?activeQueue=training&page=1&jobsPerPage=10')
    ).json();
    return queues as readonly { readonly name: string; readonly [field: string]: unknown }[];
  };

  it('is a page of the service, which says where the queues are', async () => {
    for (const path of ['/queues', '/queues/', '/queues/queue/training?status=active']) {
      const answer = await ask(path, { headers: PAGE });
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        ...[path, 200],
        expect.stringContaining('text/html'),
      ]);
      const html = await answer.text();
      expect(html).toContain('<base href="/queues/"');
      expect(html).toContain(`Queues in ${backend}`);
    }
  });

  it('asks nothing of other sites and runs no script within its page', async () => {
    const answer = await ask('/queues/');
    const html = await answer.text();
    const policy = answer.headers.get('content-security-policy')!;
    expect(html).not.toMatch(/https?:\/\//);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("base-uri 'self'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|http/);
    for (const [, style] of html.matchAll(/<style>([^]*?)<\/style>/g))
      expect(policy).toContain(createHash('sha256').update(style!).digest('base64'));
    const files = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect([file, (await ask(`/queues/${file}`)).status]).toEqual([file, 200]);
  });

  it('shows all queues and what waits in them, and no secret', async () => {
    await service.worker.kill('SIGTERM');
    const { headers } = await service.send('POST', 'training-runs', { model: 'popularity' });
    const runId = headers.get('location')!.split('/').at(-1)!;
    const [training, schedule] = await queuesOf();
    expect([training, schedule]).toMatchObject([
      {
        name: 'training',
        readOnlyMode: true,
        jobs: [{ id: `run-${runId}`, data: { runId } }],
      },
      { name: 'schedule', readOnlyMode: true },
    ]);
    const told = JSON.stringify(await queuesOf());
    for (const secret of [
      service.keyHeader['authorization']!.slice(7),
      new URL(service.database.url).password,
    ])
      expect(told.includes(secret)).toBe(false);
  });

  it('says of what its server is', async () => {
    const stats = await (await ask('/queues/api/redis/stats')).json();
    expect(stats).toMatchObject({ backend: backend === 'Redis' ? 'redis' : 'postgres' });
  });

  it('changes nothing', async () => {
    for (const [method, path] of [
      ['PUT', 'training/pause'],
      ['PUT', 'training/obliterate'],
      ['POST', 'training/add'],
      ['PATCH', 'training/run-1/priority'],
    ] as const) {
      const answer = await ask(`/queues/api/queues/${path}`, { method, headers: JSON_BODY, body: '{}' });
      expect([path, answer.status, await answer.json()]).toMatchObject([
        ...[path, 405],
        { type: '/problems/method-not-allowed' },
      ]);
    }
    expect(await queuesOf()).toMatchObject(Array(4).fill({ isPaused: false }));
  });

  it('takes the key as a password of HTTP Basic, as Swagger UI does', async () => {
    const token = service.keyHeader['authorization']!.slice(7);
    const authorization = `Basic ${Buffer.from(`any:${token}`).toString('base64')}`;
    for (const path of ['/queues', '/queues/api/queues'])
      expect((await fetch(service.url + path, { headers: { authorization } })).status).toBe(200);
    const refused = await fetch(`${service.url}/queues`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Basic realm="sparserec"');
  });

  it('is counted by route', async () => {
    await ask('/queues/queue/training');
    expect((await service.get('/metrics')).body).toContain('route="/queues/*"');
  });
});

describe('the queue board with QUEUE_BOARD=write', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true, env: { QUEUE_BOARD: 'write' } });
  });
  afterAll(() => service.stop());

  const password = () => {
    const token = service.keyHeader['authorization']!.slice(7);
    return { authorization: `Basic ${Buffer.from(`any:${token}`).toString('base64')}` };
  };
  const isPaused = async () => {
    const { queues } = (await service.get('/queues/api/queues')).body;
    return queues[0].isPaused;
  };

  it('changes queues, and the audit log has it', async () => {
    for (const [change, paused] of [
      ['pause', true],
      ['resume', false],
    ] as const) {
      const path = `/queues/api/queues/training/${change}`;
      const { status } = await fetch(service.url + path, { method: 'PUT', headers: password() });
      expect(status).toBe(200);
      expect(await isPaused()).toBe(paused);
      const { body } = await service.get('/v1/audit-log?limit=1');
      expect(body.items[0]).toMatchObject({ method: 'PUT', address: path, keyName: 'test' });
    }
  });

  it('takes no job from a form of another site', async () => {
    const headers = { ...password(), 'content-type': 'text/plain' };
    const body = JSON.stringify({ name: 'train', data: { runId: 'x' } });
    const answer = await fetch(`${service.url}/queues/api/queues/training/add`, {
      method: 'POST',
      headers,
      body,
    });
    expect(answer.status).toBe(415);
  });

  it.each(['https://evil.example', 'null'])(
    'changes nothing for a page of %s, with a body or without',
    async (origin) => {
      const path = `${service.url}/queues/api/queues/training/pause`;
      for (const method of ['PUT', 'POST']) {
        const answer = await fetch(path, { method, headers: { ...password(), origin } });
        expect([method, answer.status, await answer.json()]).toMatchObject([
          ...[method, 403],
          { type: '/problems/not-allowed' },
        ]);
      }
      expect(await isPaused()).toBe(false);
      const own = await fetch(path, { method: 'PUT', headers: { ...password(), origin: service.url } });
      expect(own.status).toBe(200);
      await fetch(path.replace('pause', 'resume'), { method: 'PUT', headers: password() });
    },
  );
});

/** Stops the service also when a test fails. */
async function withService(options: StartOptions, work: (service: TestService) => Promise<void>) {
  const service = await TestService.start(options);
  await work(service).finally(() => service.stop());
}

describe('the queue board', () => {
  it('is not there with QUEUE_BOARD=off', async () => {
    await withService({ redis: false, env: { QUEUE_BOARD: 'off' } }, async (service) => {
      for (const path of ['/queues', '/queues/api/queues'])
        expect(await service.get(path)).toMatchObject({ status: 404 });
    });
  });

  it('is open on loopback without keys, and names the path by which its reader calls the service', async () => {
    const env = { PUBLIC_URL: 'https://example.org/recommender' };
    await withService({ redis: false, needsKeys: true, env }, async (service) => {
      expect((await service.get('/queues')).body).toContain('<base href="/recommender/queues/"');
    });
    await withService({ redis: false }, async (service) => {
      for (const path of ['/queues', '/queues/api/queues'])
        expect(await service.get(path)).toMatchObject({ status: 200 });
    });
  });
});

describeWithRedis('the queue board without its Redis', () => {
  it('is served, says that the queues cannot be reached, and shows them when they are back', async () => {
    await withService({ redis: true }, async (service) => {
      expect(await service.get('/queues/api/queues')).toMatchObject({ status: 200 });
      await service.redis!.stop();
      expect(await service.get('/queues')).toMatchObject({ status: 200 });
      expect(await service.get('/queues/api/queues')).toMatchObject({
        status: 503,
        body: { type: '/problems/queue-unavailable' },
      });
      await service.redis!.start();
      await waitFor('the queues', async () => (await service.get('/queues/api/queues')).status === 200);
    });
  });
});
