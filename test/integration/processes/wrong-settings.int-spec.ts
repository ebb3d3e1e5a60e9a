import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess } from '../../support/processes.js';
import { describeWithRedis, findFreePort, TestRedis } from '../../support/redis.js';

const ROOT = join(import.meta.dirname, '../../..');
const PROGRAMS = {
  api: ['dist/programs/api.js'],
  worker: ['dist/programs/worker.js'],
  cli: ['dist/programs/cli.js', 'import', '--demo'],
  migrate: ['docker/migrate.mjs'],
} as const;
type Program = keyof typeof PROGRAMS;

const SECRET = 'xyzzy';

interface Ended {
  readonly program: Program;
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
async function run(program: Program, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, [...process.execArgv, ...PROGRAMS[program]], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { program, code, output };
}

/** Each of them tells at once, without waiting, what is wrong and how to mend it, and keeps the secret. */
async function expectRefusal(
  programs: readonly Program[],
  env: Readonly<Record<string, string>>,
  [variable, remedy]: readonly [string, RegExp],
): Promise<void> {
  for (const { program, code, output } of await Promise.all(programs.map((name) => run(name, env)))) {
    const lastLine = output.trimEnd().split('\n').at(-1)!;
    const problem = `${program}: ${output}`;
    expect([problem, code]).toEqual([problem, 1]);
    expect(lastLine).toMatch(new RegExp(`${variable}: `));
    expect(lastLine).toMatch(remedy);
    expect(output).not.toMatch(new RegExp(SECRET, 'i'));
    expect(output).not.toMatch(/waiting/i);
  }
}

const ALL = Object.keys(PROGRAMS) as Program[];
const BOTH: readonly Program[] = ['api', 'worker'];
const MIGRATE: readonly Program[] = ['migrate'];
const WORKER: readonly Program[] = ['worker'];
const ENCODE = /percent-encode/;

describe('a wrong DATABASE_URL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query(`CREATE SCHEMA "${SECRET}"`);
  });
  afterAll(() => database.drop());

  const change = (fields: Partial<URL>) => () => Object.assign(new URL(database.url), fields).href;
  const raw = (credentials: string) => () => database.url.replace(/\/\/.*@/, `//${credentials}@`);
  const add = (query: string) => () => database.url + query;

  it.each<readonly [string, () => string, RegExp, readonly Program[]]>([
    ['a wrong password', change({ password: SECRET }), /the user name or the password/, ALL],
    ['no password', change({ password: '' }), /the user name or the password/, MIGRATE],
    ['an unknown user', change({ username: SECRET }), /the user name or the password/, MIGRATE],
    ['an unknown database', change({ pathname: `/${SECRET}` }), /Create it, or correct the name/, ALL],
    ['TLS that the server does not have', add('?sslmode=require'), /write \?sslmode=disable/, ALL],
    ['a file for TLS that is not there', add(`?sslrootcert=/${SECRET}`), /Correct \?sslrootcert=/, MIGRATE],
    ['an @ and a / in the password', raw(`user:${SECRET}@${SECRET}/${SECRET}`), ENCODE, ALL],
    ['a # in the password', raw(`user:1#${SECRET}`), ENCODE, MIGRATE],
    ['a ? in the password', raw(`user:1?${SECRET}`), ENCODE, MIGRATE],
    ['a / in the password', raw(`user:1/${SECRET}`), ENCODE, MIGRATE],
    ['a % in the password', raw(`user:1%${SECRET}`), ENCODE, MIGRATE],
    ['no number for a port', () => `postgresql://user:${SECRET}@localhost:${SECRET}/x`, ENCODE, MIGRATE],
    ['a schema that is none', add(`?schema=${SECRET}-1`), /write a schema of/, MIGRATE],
    ['another protocol', () => `mysql://user:${SECRET}@localhost/x`, /write it as postgresql:/, MIGRATE],
  ])('is told by its name and remedy: %s', (_, url, remedy, programs) =>
    expectRefusal(programs, { DATABASE_URL: url() }, ['DATABASE_URL', remedy]),
  );

  it('is told apart from a wrong DIRECT_DATABASE_URL', () =>
    expectRefusal(
      ['api', 'worker', 'migrate'],
      { DATABASE_URL: database.url, DIRECT_DATABASE_URL: change({ password: SECRET })() },
      ['DIRECT_DATABASE_URL', /the user name or the password/],
    ));

  it('is told when the role is in another schema than the address names', async () => {
    const [role, name] = [new URL(database.url).username, new URL(database.url).pathname.slice(1)];
    await database.query(`ALTER ROLE ${role} IN DATABASE ${name} SET search_path = "${SECRET}"`);
    await expectRefusal(ALL, { DATABASE_URL: database.url }, ['DATABASE_URL', /Name the one of the role/]);
    await database.query(`ALTER ROLE ${role} IN DATABASE ${name} RESET search_path`);
  });
});

describeWithRedis('a wrong REDIS_URL', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let guarded: TestRedis;
  let cluster: TestRedis;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await TestRedis.start();
    guarded = await TestRedis.start('noeviction', ['--requirepass', 'right']);
    folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    cluster = await TestRedis.start('noeviction', ['--cluster-enabled', 'yes', '--dir', folder]);
  });
  afterAll(async () => {
    for (const server of [redis, guarded, cluster]) await server.stop();
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  it.each<readonly [string, () => string, RegExp, readonly Program[]]>([
    [
      'a wrong password',
      () => guarded.url.replace('//:right@', `//:${SECRET}@`),
      /the user name or the password/,
      BOTH,
    ],
    [
      'an unknown user',
      () => guarded.url.replace('//:right@', `//${SECRET}:right@`),
      /the user name or the password/,
      WORKER,
    ],
    ['no password', () => guarded.url.replace(':right@', ''), /the server wants a password/, WORKER],
    [
      'TLS that the server does not have',
      () => redis.url.replace('redis:', 'rediss:'),
      /redis:\/\/ instead of rediss:/,
      WORKER,
    ],
    ['an unknown number of a database', () => `${redis.url}/99`, /End the address after the port/, WORKER],
    ['a Redis Cluster', () => cluster.url, /is a Redis Cluster.*cluster-enabled no/, BOTH],
    ['a / in the password', () => `redis://:1/${SECRET}@localhost:6379`, ENCODE, WORKER],
    [
      'an @ and a / in the password',
      () => `redis://:${SECRET}@${SECRET}/${SECRET}@localhost:6379`,
      ENCODE,
      WORKER,
    ],
    ['a # in the password', () => `redis://:1#${SECRET}@localhost:6379`, ENCODE, WORKER],
    ['another protocol', () => `http://:${SECRET}@localhost:6379`, /write it as redis:/, WORKER],
  ])('is told by its name and remedy: %s', (_, url, remedy, programs) =>
    expectRefusal(programs, { DATABASE_URL: database.url, REDIS_URL: url() }, ['REDIS_URL', remedy]),
  );
});

/** A port that answers as a server that is not ready, until it lets through. */
class Door {
  #isOpen = false;
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly port: number,
  ) {}

  static async before(port: number, refuse: (socket: Socket) => void): Promise<Door> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const door = new Door(server, (server.address() as { readonly port: number }).port);
    server.on('connection', (near) => {
      near.on('error', () => near.destroy());
      if (!door.#isOpen) {
        refuse(near);
        return;
      }
      const far = connect(port, '127.0.0.1');
      near.on('close', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).pipe(near);
    });
    return door;
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.server.close();
  }
}

/** As PostgreSQL says it: length, fields by letter, each ending in NUL. */
function startingUp(socket: Socket): void {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0');
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  socket.once('data', () => socket.end(Buffer.concat([head, fields])));
}

/** Each command gets its answer. */
function loading(socket: Socket): void {
  socket.on('data', (data) => {
    const commands = data.toString().match(/^\*\d/gm) ?? [];
    for (const _ of commands) socket.write('-LOADING Redis is loading the dataset in memory\r\n');
  });
}

describeWithRedis('servers that come later', () => {
  let children: { readonly name: string; readonly process: ServiceProcess }[] = [];
  let database: TestDatabase;
  let redis: TestRedis;
  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await TestRedis.start();
  });
  afterAll(async () => {
    await redis.stop();
    await database.drop();
  });

  afterEach(() => Promise.all(children.map((child) => child.process.kill())));

  it.each([
    ['refuse connections', (socket: Socket) => socket.destroy(), (socket: Socket) => socket.destroy()],
    ['say that they are starting', startingUp, loading],
  ])('are waited for while they %s', async (_, refusePostgres, refuseRedis) => {
    const doors = {
      PostgreSQL: await Door.before(Number(new URL(database.url).port), refusePostgres),
      Redis: await Door.before(Number(new URL(redis.url).port), refuseRedis),
    };
    const through = (url: string, { port }: Door) => Object.assign(new URL(url), { port: String(port) }).href;
    const env = {
      DATABASE_URL: through(database.url, doors.PostgreSQL),
      REDIS_URL: through(redis.url, doors.Redis),
    };
    const PORT = String(await findFreePort());
    children = ['api', 'worker'].map((name) => ({
      name,
      process: new ServiceProcess(`programs/${name}.js`, { ...env, PORT }),
    }));
    for (const server of ['PostgreSQL', 'Redis'] as const) {
      await Promise.all(
        children.map((child) =>
          child.process.waitForEvent(`${child.name}.waiting`, (line) => line['server'] === server),
        ),
      );
      doors[server].open();
    }
    for (const child of children) {
      await child.process.waitForEvent(`${child.name}.started`);
      expect(await child.process.kill('SIGTERM')).toBe(0);
    }
    for (const door of Object.values(doors)) door.close();
  });

  it('are waited for while their names are not known', async () => {
    const child = new ServiceProcess('programs/api.js', {
      DATABASE_URL: 'postgresql://u:p@not-there-yet.invalid/x',
    });
    await child.waitForEvent('api.waiting', ({ server }) => server === 'PostgreSQL');
    await child.kill();
    const other = new ServiceProcess('programs/api.js', {
      DATABASE_URL: database.url,
      REDIS_URL: 'redis://not-there-yet.invalid',
    });
    await other.waitForEvent('api.waiting', ({ server }) => server === 'Redis');
    await other.kill();
  });
});
