import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { migrate } from '#data';
import { TestService, twoTastes } from '../../support/api.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { describeWithRedis, findFreePort, TestRedis } from '../../support/redis.js';
import { makeCertificates, type Certificates } from '../../support/stores/certificates.js';
import { TestSentinel } from '../../support/stores/sentinel.js';
import { TlsPostgres } from '../../support/stores/tls-postgres.js';
import { findValkey } from '../../support/stores/valkey.js';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const PASSWORD = 'a-long-password';
const PRIMARY = 'shop-primary';

/** The rules of the user that docs/operations.md makes, each a word. */
function documentedRules(): string[] {
  const [, rules = ''] = /^ACL SETUSER sparserec (on .*)$/m.exec(PAGE) ?? [];
  return rules.replace('PASSWORD', PASSWORD).split(' ');
}

/** Uses everything that touches Redis. @returns the finished run */
async function useEverything(service: TestService, name: string): Promise<unknown> {
  await service.send('PUT', `/v1/catalogs/${name}`);
  const path = `/v1/catalogs/${name}`;
  const rows = twoTastes();
  await service.send('POST', `${path}/interactions`, { interactions: rows });
  await service.send('PUT', `${path}/schedules/nightly`, { cron: '0 3 * * *', model: 'ease' });
  const run = await service.train({ model: 'ease', parameters: { regularization: 5 } }, path);
  const list = `${path}/users/user-1/recommendations`;
  expect((await service.get(`${list}?k=3&rotation=0.5`)).body.items).toHaveLength(3);
  const { body: page } = await service.get(`${list}?k=2&paging=true`);
  await service.get(`${list}?k=2&cursor=${encodeURIComponent(page.nextCursor)}`);
  await service.send('POST', `${path}/interactions`, {
    interactions: [{ userId: 'user-1', itemId: 'item-99' }],
  });
  await service.get(list);
  expect((await service.get(`${path}/usage`)).status).toBe(200);
  await service.send('DELETE', `${path}/schedules/nightly`);
  const { headers } = await service.send('DELETE', path);
  await waitFor(
    'the deletion',
    async () => (await service.get(headers.get('location')!)).body.status === 'done',
  );
  return run;
}

describeWithRedis('a service whose PostgreSQL and Redis speak TLS by an authority of their own', () => {
  let folder: string;
  let files: Certificates;
  let postgres: TlsPostgres;
  let redis: TestRedis;
  let admin: Redis;
  let securePort: number;
  let tls: string[];
  let service: TestService;

  const settings = () => ({
    DATABASE_URL: postgres.url,
    REDIS_URL: `rediss://sparserec:${PASSWORD}@127.0.0.1:${securePort}`,
    NODE_EXTRA_CA_CERTS: files.ca,
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stores-'));
    chmodSync(folder, 0o755);
    files = makeCertificates(folder);
    securePort = await findFreePort();
    tls = ['--tls-auth-clients', 'no', '--tls-cert-file', files.cert, '--tls-key-file', files.key];
    tls.push('--tls-ca-cert-file', files.ca);
    redis = await TestRedis.start('noeviction', ['--tls-port', String(securePort), ...tls]);
    admin = new Redis(redis.url);
    await admin.call('ACL', 'SETUSER', 'sparserec', ...documentedRules());
    postgres = await TlsPostgres.start(folder, files);
    await migrate(postgres.url, join(ROOT, 'prisma/migrations'));
    await admin.call('CONFIG', 'RESETSTAT');
    service = await TestService.start({
      redis: false,
      env: { ...settings(), KEY_CALLS_PER_SECOND: '1000', ADDRESS_CALLS_PER_SECOND: '1000' },
    });
  });
  afterAll(async () => {
    await service.stop();
    admin.disconnect();
    await redis.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true });
  });

  it('does all of its work with the rights that docs/operations.md gives, and no call is denied', async () => {
    expect(await useEverything(service, 'shop')).toMatchObject({ status: 'succeeded' });
    expect((await service.get('/queues/api/queues')).body.queues).not.toEqual([]);
    const health = new ServiceProcess('apps/worker/src/health.js', settings());
    expect(await health.exited()).toBe(0);
    expect(await admin.call('ACL', 'LOG')).toEqual([]);
  });

  it('uses TLS on every connection, and hears of writes of others', async () => {
    const { rows } = await postgres.client.query(
      'SELECT ssl, count(*)::int AS connections FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY ssl',
    );
    expect(rows).toEqual([{ ssl: true, connections: expect.any(Number) }]);
    const clients = ((await admin.client('LIST')) as string).split('\n');
    const own = clients.filter((line) => line.includes(' user=sparserec '));
    expect(own.length).toBeGreaterThan(3);
    expect(own.filter((line) => !line.includes(`laddr=127.0.0.1:${securePort} `))).toEqual([]);
    expect(own.filter((line) => / flags=\w*t/.test(line))).toHaveLength(1);
  });

  it('needs each of these rights, and has no others that are worth having', async () => {
    const used = (await admin.info('commandstats')).matchAll(/^cmdstat_([\w|-]+)/gm);
    const commands = new Set([...used].map(([, name]) => name!));
    const given = documentedRules().filter((rule) => rule.startsWith('+'));
    const inCategory = async (name: string) => (await admin.call('ACL', 'CAT', name)) as string[];
    const dangerous = new Set(await inCategory('dangerous'));
    const coveredBy = async (rule: string) =>
      rule.startsWith('+@')
        ? (await inCategory(rule.slice(2))).filter((name) => !dangerous.has(name))
        : [rule.slice(1)];
    const sets = await Promise.all(given.map(async (rule) => [rule, await coveredBy(rule)] as const));
    const needless = sets.filter(([rule, covered]) => {
      const others = new Set(sets.filter(([other]) => other !== rule).flatMap(([, names]) => names));
      return !covered.some((name) => commands.has(name) && !others.has(name));
    });
    expect(needless.map(([rule]) => rule)).toEqual([]);
    const as = (...words: string[]) => admin.call('ACL', 'DRYRUN', 'sparserec', ...words);
    expect(await as('GET', 'sparserec:cache:any')).toBe('OK');
    for (const words of [
      ['FLUSHALL'],
      ['FLUSHDB'],
      ['KEYS', '*'],
      ['CONFIG', 'GET', '*'],
      ['ACL', 'LIST'],
      ['SHUTDOWN'],
      ['MONITOR'],
      ['GET', 'other'],
      ['SET', 'sparserec', '1'],
      ['PUBLISH', 'other', '1'],
    ])
      expect([words, await as(...words)]).not.toEqual([words, 'OK']);
  });

  it('finds the primary by a Sentinel that speaks TLS and wants a password, and reaches both by it', async () => {
    const primary = { name: PRIMARY, port: securePort };
    const flags = [...tls, '--tls-replication', 'yes', '--requirepass', PASSWORD];
    const sentinel = await TestSentinel.start(primary, flags);
    const env = {
      ...settings(),
      REDIS_URL: `rediss://sparserec:${PASSWORD}@${PRIMARY}`,
      REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`,
    };
    const refused = new ServiceProcess('programs/worker.js', env);
    expect(await refused.exited()).toBe(1);
    expect(refused.log.at(-1)?.['reason']).toMatch(/the Sentinels ask for a password/);
    const child = new ServiceProcess('programs/worker.js', { ...env, REDIS_SENTINEL_PASSWORD: PASSWORD });
    await child.waitForEvent('worker.started');
    expect(await child.kill('SIGTERM')).toBe(0);
    await sentinel.stop();
  });

  it.each([
    [
      'PostgreSQL',
      () => ({ DATABASE_URL: `${postgres.plainUrl}?sslmode=verify-full`, NODE_EXTRA_CA_CERTS: '' }),
      /^DATABASE_URL: .*sslrootcert/,
    ],
    ['Redis', () => ({ NODE_EXTRA_CA_CERTS: '' }), /^REDIS_URL: .*NODE_EXTRA_CA_CERTS/],
  ])(
    'does not start where nobody has said that the authority of %s may be trusted',
    async (_, other, reason) => {
      const child = new ServiceProcess('programs/worker.js', { ...settings(), ...other() });
      expect(await child.exited()).toBe(1);
      expect(child.log.at(-1)?.['reason']).toMatch(reason);
    },
  );
});

const valkey = findValkey();
const heir = 'program' in valkey ? 'Valkey' : `Redis (no Valkey: ${valkey.reason})`;

describeWithRedis(`a service that finds its primary by a Sentinel, whose replica is ${heir}`, () => {
  let primary: TestRedis;
  let replica: TestRedis;
  let sentinel: TestSentinel;
  let service: TestService;

  beforeAll(async () => {
    primary = await TestRedis.start();
    const [, port] = primary.url.split('127.0.0.1:');
    const asReplica = ['--replicaof', '127.0.0.1', port!, '--repl-diskless-sync-delay', '0'];
    replica = await TestRedis.start(
      'noeviction',
      asReplica,
      'program' in valkey ? valkey.program : undefined,
    );
    sentinel = await TestSentinel.start({ name: PRIMARY, port: Number(port) });
    const asked = new Redis(sentinel.port, '127.0.0.1');
    asked.on('error', () => undefined);
    await waitFor('the Sentinel to know the replica', async () =>
      /slaves=1,/.test(await asked.info('sentinel')),
    );
    asked.disconnect();
    service = await TestService.start({
      redis: false,
      env: { REDIS_URL: `redis://${PRIMARY}`, REDIS_SENTINELS: `127.0.0.1:${sentinel.port}` },
    });
  });
  afterAll(async () => {
    await service.stop();
    for (const server of [sentinel, replica, primary]) await server.stop();
  });

  it('is told where it belongs when it is named in place of Redis', async () => {
    const env = { DATABASE_URL: service.database.url, REDIS_URL: `redis://127.0.0.1:${sentinel.port}` };
    const child = new ServiceProcess('programs/worker.js', env);
    expect(await child.exited()).toBe(1);
    expect(child.log.at(-1)?.['reason']).toMatch(/^REDIS_URL: a Redis Sentinel answers.*REDIS_SENTINELS/);
  });

  it('answers while the primary is gone, and does all of its work at the next one', async () => {
    expect(await useEverything(service, 'before')).toMatchObject({ status: 'succeeded' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await primary.stop();
    const list = await service.get('/v1/catalogs/default/users/user-1/recommendations?k=3');
    expect(list.body.items).toHaveLength(3);
    for (const { log } of [service.api, service.worker])
      await waitFor('the next primary', () => log.some(({ event }) => event === 'queue.reconnected'));
    expect(await useEverything(service, 'after')).toMatchObject({ status: 'succeeded' });
    const metrics = (await service.get('/metrics')).body as string;
    expect(metrics).toMatch(/^sparserec_redis_connected\{connection="queue"\} 1$/m);
  });
});
