import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { environmentSchema, exitLimitMs, loadEnvironment } from '#config';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
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
const DOCKERFILES = ['docker/api.Dockerfile', 'docker/worker.Dockerfile'];
/** Set in the image of the API: its address within a container is no choice of the person who starts it. */
const OF_THE_IMAGE = ['HOST', 'PORT'];

/** Variables of a service, merge keys resolved as Compose does. */
function environmentOf(name: string): string[] {
  const { '<<': merged = {}, ...own } = services[name]!.environment ?? {};
  return Object.keys({ ...(merged as object), ...own });
}

/** Values of one instruction of a Dockerfile. */
function instructions(path: string, name: string): string[] {
  return [...read(path).matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, value]) => value!);
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
    for (const { build } of Object.values(services)) {
      if (build === undefined) continue;
      expect(DOCKERFILES).toContain(build.dockerfile);
      expect(existsSync(join(ROOT, 'docker', build.context, build.dockerfile))).toBe(true);
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

describe.each(DOCKERFILES)('%s', (path) => {
  it('copies files of the repository, or of an earlier stage', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
    const isTracked = (name: string) =>
      name === '.' || tracked.some((file) => file === name || file.startsWith(`${name}/`));
    const copies = instructions(path, 'COPY').map((copy) => copy.split(' '));
    expect(copies.length).toBeGreaterThan(5);
    for (const [first = '', ...rest] of copies) {
      const isOfStage = first.startsWith('--from=');
      const sources = isOfStage ? rest.slice(0, -1) : [first, ...rest.slice(0, -1)];
      const names = sources.map((source) => source.replace(/^\/app\//, ''));
      for (const name of names)
        expect({
          name,
          exists: isTracked(name) || (isOfStage && ['dist', 'node_modules'].includes(name)),
        }).toEqual({ name, exists: true });
    }
  });

  it('runs a file that is built, not as root, with the flags of the launcher, and tells its health', () => {
    expect(instructions(path, 'USER')).toEqual(['node']);
    const [command] = instructions(path, 'CMD').map((value) => JSON.parse(value) as string[]);
    expect(command!.slice(0, -1)).toEqual(['node', ...(path.includes('api') ? ['--no-memory-reducer'] : [])]);
    expect(read('scripts/lib/paths.mjs')).toContain("API_FLAGS = [...KERNEL_FLAGS, '--no-memory-reducer']");
    expect(existsSync(join(ROOT, command!.at(-1)!.replace(/^dist/, '').replace(/js$/, 'ts')))).toBe(true);
    expect(instructions(path, 'HEALTHCHECK')).toHaveLength(1);
  });

  it('has one version of Node in all stages, which takes the fastest kernels without a flag', () => {
    const images = instructions(path, 'FROM').map((from) => from.split(' ')[0]);
    expect(new Set(images)).toEqual(new Set(['node:24-bookworm-slim']));
  });

  it('takes packages that run only', () => {
    expect(read(path)).toMatch(/AS packages\n[^]*RUN npm ci --omit=dev --omit=optional\n\nFROM/);
    expect(read(path)).toContain('COPY --from=packages /app/node_modules ./node_modules');
  });
});

describe('package.json', () => {
  it('calls a dependency what the built processes import', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const sources = execFileSync('git', ['ls-files', '--', 'apps/*.ts', 'libs/*.ts'], {
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
