import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Redis } from 'ioredis';
import { isTlsError, StartError, waitForServer, type WaitOptions } from '#config';
import type { RedisEnvironment } from './queue-environment.js';
import { redisConnection } from './redis-connection.js';
import { withTimeLimit } from './time-limit.js';

const PING_LIMIT_MS = 500;
const INFO_LIMIT_MS = 2_000;

const REMEDIES = {
  credentials:
    'the server refuses the user name or the password. Correct them; a special character is percent-encoded, such as %40 for @.',
  noPassword: 'the server wants a password. Write redis://:password@host:6379, or user:password.',
  permission: 'the user may not do what is needed. docs/operations.md has the ACL SETUSER that allows it.',
  database: 'the server has no database of this number. End the address after the port.',
  noTls:
    'the server does not speak TLS. Turn it on there, or begin the address with redis:// instead of rediss://.',
  tls: 'the server speaks TLS. Begin the address with rediss:// instead of redis://.',
  certificate:
    "TLS fails, or the server's certificate is not trusted. Name its authority by NODE_EXTRA_CA_CERTS=FILE.",
  cluster:
    'the server is a Redis Cluster, which would refuse what touches several keys at once (CROSSSLOT). Name a server without cluster mode (cluster-enabled no); one with replicas is reached by the one address that leads to its primary.',
  sentinel:
    'a Redis Sentinel answers, which keeps no data. Name it in REDIS_SENTINELS, and write the name of its primary here in place of host and port.',
  sentinelPassword:
    'the Sentinels ask for a password, or refuse it. Set REDIS_SENTINEL_PASSWORD, and REDIS_SENTINEL_USERNAME for a user of their ACL.',
} as const;

const REMEDY_OF_REPLY: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid password/, REMEDIES.credentials],
  [/^NOAUTH/, REMEDIES.noPassword],
  [/^NOPERM/, REMEDIES.permission],
  [/DB index|SELECT is not allowed/, REMEDIES.database],
];

/** As the client says it. */
const SENTINELS_REFUSE = /^All sentinels are unreachable.*(NOAUTH|WRONGPASS|NOPERM)/;

/**
 * To be awaited before Redis is used, for queues or for the cache: resolves when it answers and keeps what it
 * is given. Without REDIS_URL there is nothing to check.
 *
 * @throws StartError that names the variable that is wrong, or after the wait for a server that is not up
 */
export async function checkRedis(environment: RedisEnvironment, options: WaitOptions = {}): Promise<void> {
  if (environment.REDIS_URL === '') return;
  const info = await waitForServer(
    { name: 'Redis', variable: 'REDIS_URL' },
    () => loadInfo(environment),
    (error) => explain(error, environment),
    options,
  );
  refuseOtherModes(info);
  refuseEviction(info);
}

/**
 * By INFO, which managed servers allow where CONFIG is refused; what a server does not say is
 * not held against it.
 */
async function loadInfo(environment: RedisEnvironment): Promise<string> {
  const client = redisConnection(environment, { lazyConnect: true, retryStrategy: () => null });
  let reason: unknown;
  client.on('error', (error) => (reason = error));
  try {
    return await withTimeLimit(connectAndAsk(client), INFO_LIMIT_MS);
  } catch (error) {
    // That the connection is closed is known of any failure; why it is was told before.
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

async function connectAndAsk(client: Redis): Promise<string> {
  await client.connect();
  // A number that the server does not have would be passed over in silence, and number 0 used.
  if (client.options.db) await client.select(client.options.db);
  return client.info();
}

function refuseOtherModes(info: string): void {
  const isCluster = /^cluster_enabled:1/m.test(info) || /^redis_mode:cluster/m.test(info);
  if (isCluster) throw new StartError(`REDIS_URL: ${REMEDIES.cluster}`);
  if (/^redis_mode:sentinel/m.test(info)) throw new StartError(`REDIS_URL: ${REMEDIES.sentinel}`);
}

/** A policy under which queued jobs would silently be evicted. */
function refuseEviction(info: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  throw new StartError(
    `Redis has maxmemory-policy ${policy} and could evict queued jobs. ` +
      'Set it to noeviction: `redis-cli CONFIG SET maxmemory-policy noeviction`, ' +
      'and `maxmemory-policy noeviction` in redis.conf to keep it.',
  );
}

async function explain(
  error: unknown,
  { REDIS_URL: url, REDIS_SENTINELS = [] }: RedisEnvironment,
): Promise<string | null> {
  if (!(error instanceof Error)) return null;
  if (SENTINELS_REFUSE.test(error.message)) return REMEDIES.sentinelPassword;
  const known = REMEDY_OF_REPLY.find(([pattern]) => pattern.test(error.message));
  if (known) return known[1];
  if (REDIS_SENTINELS.length > 0) return isTlsError(error) ? REMEDIES.certificate : null;
  if (url.startsWith('rediss:') && (await speaksPlainly(url))) return REMEDIES.noTls;
  if (isTlsError(error)) return REMEDIES.certificate;
  return url.startsWith('redis:') && (await speaksTls(url)) ? REMEDIES.tls : null;
}

/** Whether the server answers without TLS: asked for TLS it would say nothing at all. */
function speaksPlainly(url: string): Promise<boolean> {
  const socket = connect(endOf(url));
  socket.once('connect', () => socket.write('PING\r\n'));
  return settle(socket, (isPlain) =>
    socket.once('data', (data) => isPlain(/^[+-]/.test(data.toString('latin1')))),
  );
}

/** Whether the server takes part in a handshake, whosever certificate it has. */
function speaksTls(url: string): Promise<boolean> {
  const socket = connectTls({ ...endOf(url), rejectUnauthorized: false });
  return settle(socket, (isTls) => socket.once('secureConnect', () => isTls(true)));
}

function endOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

/** What is found out in time, and false where nothing is. */
async function settle(socket: Socket, ask: (answer: (yes: boolean) => void) => unknown): Promise<boolean> {
  const answer = new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false)).once('close', () => resolve(false));
    socket.setTimeout(PING_LIMIT_MS, () => resolve(false));
    ask(resolve);
  });
  return answer.finally(() => socket.destroy());
}
