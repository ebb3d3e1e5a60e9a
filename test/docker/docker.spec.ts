import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { load } from 'js-yaml';
import { environmentSchema, exitLimitMs, loadEnvironment } from '#config';
import { commandOf, copyOf, ROOT, stagesOfDockerfile, valuesOf } from './dockerfile.js';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Record<string, unknown>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const COMPOSE = read('docker/compose.yaml');
const { services, volumes } = load(COMPOSE) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const STAGES = stagesOfDockerfile();
/** Set in the images: addresses within a container are no choice of the person who starts it. */
const OF_THE_IMAGE = ['HOST', 'PORT', 'WORKER_PORT'];

/** Variables of a service, merge keys resolved as Compose does. */
function environmentOf(name: string): string[] {
  const { '<<': merged = {}, ...own } = services[name]!.environment ?? {};
  return Object.keys({ ...(merged as object), ...own });
}

describe('docker/compose.yaml', () => {
  const declared = Object.keys(environmentSchema.shape);
  const interpolated = [...new Set([...COMPOSE.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!))];
  const exemplified = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name!);

  it('gives the processes every variable that is declared, and no other', () => {
    const given = new Set([...environmentOf('api'), ...OF_THE_IMAGE]);
    expect([...given].sort()).toEqual([...declared].sort());
    for (const name of ['worker', 'migrate'])
      expect(declared).toEqual(expect.arrayContaining(environmentOf(name)));
    expect(environmentOf('worker').sort()).toEqual(
      environmentOf('api')
        .filter((name) => name !== 'ALLOW_REMOTE_WITHOUT_KEYS')
        .sort(),
    );
  });

  it('and .env.example have the same variables', () => {
    const secrets = interpolated.filter((name) => !declared.includes(name));
    expect(secrets.sort()).toEqual(['POSTGRES_PASSWORD', 'REDIS_PASSWORD']);
    expect([...exemplified].sort()).toEqual([...declared, ...secrets].sort());
  });

  it('lets Redis evict nothing and nobody in without the password', () => {
    const { command = [], environment } = services['redis']!;
    const setting = (name: string) => command[command.indexOf(name) + 1];
    expect(command).toEqual(expect.arrayContaining(['--maxmemory-policy', '--requirepass']));
    expect(setting('--maxmemory-policy')).toBe('noeviction');
    expect(setting('--requirepass')).toBe('${REDIS_PASSWORD}');
    expect(environment).toEqual({ REDISCLI_AUTH: '${REDIS_PASSWORD}' });
    expect(services['api']!.environment?.['<<']).toMatchObject({
      REDIS_URL: expect.stringContaining(':${REDIS_PASSWORD:?'),
      DATABASE_URL: expect.stringContaining(':${POSTGRES_PASSWORD:?'),
    });
  });

  it('pins images by their major version', () => {
    const images = Object.values(services).flatMap(({ image }) => image ?? []);
    expect(images.sort()).toEqual(['postgres:18', 'redis:7']);
    expect(services['api']!.image).toBeUndefined();
  });

  it('builds each process by the target of its name, and migrates by the image of the API', () => {
    const build = { context: '..', dockerfile: 'docker/Dockerfile' };
    for (const [service, target] of Object.entries({ api: 'api', worker: 'worker', migrate: 'api' })) {
      expect(services[service]!.build).toEqual({ ...build, target });
      expect(STAGES.map(({ name }) => name)).toContain(target);
    }
  });

  it('asks every server for its health, and starts the processes after the migrations', () => {
    for (const name of ['postgres', 'redis']) expect(services[name]!.healthcheck?.test?.[0]).toMatch(/^CMD/);
    for (const name of ['api', 'worker'])
      expect(services[name]!.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        redis: { condition: 'service_healthy' },
      });
    expect(services['migrate']!.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  });

  it('leaves the processes more time to end than they take at most', () => {
    const limitSeconds = exitLimitMs(loadEnvironment({ DATABASE_URL: 'postgresql://any' })) / 1_000;
    for (const name of ['api', 'worker']) {
      const [, seconds] = /^(\d+)s$/.exec(services[name]!.stop_grace_period!)!;
      expect(Number(seconds)).toBeGreaterThan(limitSeconds);
    }
  });

  it('publishes on loopback only, and keeps data in volumes', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).toEqual(['127.0.0.1:${PORT:-3000}:3000']);
    const used = Object.values(services).flatMap((service) => service.volumes ?? []);
    expect(used.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort());
  });
});

describe('docker/Dockerfile', () => {
  it('copies files of the repository, or of an earlier stage', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
    const isTracked = (name: string) =>
      name === '.' || tracked.some((file) => file === name || file.startsWith(`${name}/`));
    const earlier: string[] = [];
    for (const { name, instructions } of STAGES) {
      for (const copy of instructions.filter((one) => one.name === 'COPY')) {
        const { from, sources } = copyOf(copy.value);
        if (from !== null) expect(earlier).toContain(from);
        for (const source of sources.map((path) => path.replace(/^\/app\//, '')))
          expect({
            source,
            exists: isTracked(source) || (from !== null && ['dist', 'node_modules'].includes(source)),
          }).toEqual({ source, exists: true });
      }
      earlier.push(name);
    }
    expect(STAGES.flatMap((stage) => stage.instructions).length).toBeGreaterThan(20);
  });

  it.each(['api', 'worker'])('runs %s by the start script, not as root, and tells its health', (target) => {
    expect(valuesOf(target, 'USER')).toEqual(['node']);
    expect(commandOf(target)).toEqual(['sh', 'scripts/start-app.sh', target]);
    expect(valuesOf(target, 'HEALTHCHECK')).toHaveLength(1);
  });

  it('has one version of Node in all stages, which takes the fastest kernels without a flag', () => {
    const names = STAGES.map(({ name }) => name);
    const images = STAGES.map(({ from }) => from).filter((from) => !names.includes(from));
    expect(images).toEqual(['node:24-bookworm-slim']);
  });

  it('takes packages that run only', () => {
    expect(valuesOf('packages', 'RUN')).toEqual(['npm ci --omit=dev --omit=optional']);
    for (const target of ['api', 'worker'])
      expect(valuesOf(target, 'COPY')).toContain('--from=packages /app/node_modules ./node_modules');
  });
});

describe('the start script', () => {
  const start = (...args: string[]) =>
    spawnSync('node', [join(ROOT, 'scripts/app-arguments.mjs'), ...args], { encoding: 'utf8' });

  it.each(['api', 'worker'])('runs a file of %s that is built, with flags that this Node has', (name) => {
    const args = start(name).stdout.split('\n');
    const programs = readFileSync(join(ROOT, 'scripts/lib/paths.mjs'), 'utf8');
    const [, entry = 'none'] = new RegExp(`^  ${name}: '(apps/.*)\\.js',$`, 'm').exec(programs) ?? [];
    expect(relative(join(ROOT, 'dist'), args.at(-1)!)).toBe(`programs/${name}.js`);
    expect([entry, existsSync(join(ROOT, `${entry}.ts`))]).toEqual([`apps/${name}/src/main`, true]);
    expect(spawnSync('node', [...args.slice(0, -1), '--version']).status).toBe(0);
    expect(args.includes('--no-memory-reducer')).toBe(name === 'api');
  });

  it('starts nothing that is no process of the service, and names those that are', () => {
    const { status, stderr } = spawnSync('sh', [join(ROOT, 'scripts/start-app.sh'), 'cli'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'Which process: api or worker?\n' });
  });
});

describe('package.json', () => {
  it('calls a dependency what the built processes import', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const sources = execFileSync('git', ['ls-files', '--', 'apps/*.ts', 'libs/*.ts', ':!apps/dashboard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const imported = new Set<string>();
    for (const file of sources.trim().split('\n')) {
      if (/spec\.ts$|\/(testing|test)\//.test(file)) continue;
      for (const [, name] of read(file).matchAll(
        /^(?:import|export) (?!type)[^']*?from '([^.'][^']*)'|^import '([^.'][^']*)'/gm,
      ))
        if (name !== undefined && !/^(node:|#)/.test(name))
          imported.add(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          );
    }
    expect(imported.size).toBeGreaterThan(10);
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...imported]));
  });
});
