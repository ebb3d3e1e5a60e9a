import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema, exitLimitMs, loadEnvironment } from '#config';
import { ROOT } from './dockerfile.js';

const FOLDER = join(ROOT, 'docker/systemd');
const UNITS = readdirSync(FOLDER).sort();
const PROCESSES = ['sparserec-api@.service', 'sparserec-worker@.service'];

/** Settings of a unit by name, the last of each, and how often each comes. */
function settingsOf(unit: string): ReadonlyMap<string, string> {
  const lines = readFileSync(join(FOLDER, unit), 'utf8').matchAll(/^(\w+)=(.*)$/gm);
  return new Map([...lines].map(([, name, value]) => [name!, value!]));
}

describe('the units of systemd', () => {
  it('are those of the API, the worker and the migrations', () => {
    expect(UNITS).toEqual([
      'sparserec-api@.service',
      'sparserec-migrate.service',
      'sparserec-worker@.service',
    ]);
  });

  it.each(UNITS)(
    'of %s run files that are there, as a user without rights, and write nowhere else',
    (unit) => {
      const settings = settingsOf(unit);
      const files = settings
        .get('ExecStart')!
        .split(' ')
        .filter((word) => /^\w.*\.(mjs|sh)$/.test(word));
      expect(files).toHaveLength(1);
      expect(existsSync(join(ROOT, files[0]!))).toBe(true);
      expect(Object.fromEntries(settings)).toMatchObject({
        User: 'sparserec',
        NoNewPrivileges: 'true',
        ProtectSystem: 'strict',
        ProtectHome: 'true',
        PrivateTmp: 'true',
        CapabilityBoundingSet: '',
      });
    },
  );

  it.each(PROCESSES)('of %s give one signal, and more time to end than the process takes at most', (unit) => {
    const settings = settingsOf(unit);
    expect([settings.get('KillSignal'), settings.get('KillMode')]).toEqual(['SIGTERM', 'mixed']);
    const [, seconds] = /^(\d+)s$/.exec(settings.get('TimeoutStopSec')!)!;
    const limitMs = exitLimitMs(loadEnvironment({ DATABASE_URL: 'postgresql://any' }));
    expect(Number(seconds) * 1_000).toBeGreaterThan(limitMs);
    expect(settings.get('MemoryMax')).toMatch(/^\d+G$/);
    expect(settings.get('Restart')).toBe('always');
  });

  it('set the port of each process by its name, which the file of all cannot override', () => {
    const portOf = (unit: string) =>
      /^\/usr\/bin\/env (\w+)=%i \/bin\/sh /.exec(settingsOf(unit).get('ExecStart')!)?.[1];
    expect(PROCESSES.map(portOf)).toEqual(['PORT', 'WORKER_PORT']);
    expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining(PROCESSES.map(portOf)));
    expect(UNITS.filter((unit) => settingsOf(unit).has('Environment'))).toEqual([]);
  });

  it('are enabled in docs/operations.md by the ports that its example for Prometheus asks', () => {
    const docs = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    const [enabled] = /systemctl enable --now .*/.exec(docs)!;
    const ports = [...enabled.matchAll(/ sparserec-(?:api|worker)@(\d+)/g)].map(([, port]) => port!);
    expect(ports).toHaveLength(3);
    expect(new Set(ports).size).toBe(3);
    const [targets] = /targets: \[.*?\]/.exec(docs)!;
    expect([...targets.matchAll(/:(\d+)'/g)].map(([, port]) => port)).toEqual(ports);
    for (const unit of PROCESSES) {
      const [example] = /systemctl enable .*/.exec(readFileSync(join(FOLDER, unit), 'utf8'))!;
      for (const [name] of example.matchAll(/sparserec-\S+/g)) expect(enabled).toContain(name);
    }
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  (hasSystemd ? it : it.skip)(
    `have nothing that systemd-analyze finds fault with${hasSystemd ? '' : ' (it is not here)'}`,
    () => {
      const { status, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', ...UNITS.map((unit) => join(FOLDER, unit))],
        {
          encoding: 'utf8',
        },
      );
      expect([status, stderr]).toEqual([0, '']);
    },
  );
});
