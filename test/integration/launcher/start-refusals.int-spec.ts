import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestEnvironment } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';
import { Launcher, makeHome, processesWith, type LauncherOptions } from './launcher.js';

const ROOT = join(import.meta.dirname, '../../..');

describe('npm start refuses', () => {
  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  let home: string;
  beforeEach(() => (home = makeHome()));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  async function refusal(environment: TestEnvironment, options: LauncherOptions = {}): Promise<string> {
    const launcher = new Launcher(home, await findFreePort(), environment, options);
    expect(await launcher.exitCode()).toBe(1);
    expect(launcher.output).not.toMatch(/\n\s+at /);
    expect(processesWith(home)).toEqual([]);
    return launcher.output;
  }

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number from 1 to 65535.'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: '],
  ])('%j by its name', async (environment, message) => {
    expect(await refusal(environment)).toContain(message);
  });

  it.each([
    [['--columns', 'user=a'], 'npm start has no option --columns without --data'],
    [['--data'], '--data needs a file or folder'],
    [['--data', 'x.csv', '--catalog', 'shop'], 'npm start loads into the catalog "default"'],
  ])('%j, and says what to do', async (args, message) => {
    expect(await refusal({}, { args })).toContain(message);
  });

  asRoot(
    'a checkout and a state folder that the user of PostgreSQL cannot reach (skipped unless root)',
    async () => {
      const locked = join(home, 'locked');
      const checkout = join(locked, 'checkout');
      mkdirSync(checkout, { recursive: true });
      cpSync(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true });
      for (const name of readdirSync(ROOT))
        if (name !== 'scripts') symlinkSync(join(ROOT, name), join(checkout, name));
      chmodSync(locked, 0o700);
      const message = `PostgreSQL does not run as root, and its user "postgres" may not enter ${locked}.\nAllow it (chmod o+x ${locked}), put the checkout and SPARSEREC_HOME elsewhere, or set DATABASE_URL.`;
      expect(await refusal({}, { checkout })).toContain(message);
      expect(await refusal({ SPARSEREC_HOME: join(locked, 'state') })).toContain(message);
    },
  );
});
