import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';
import { LIMIT_MS, makeHome, processesWith } from './launcher.js';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = ['apps', 'libs', 'prisma', 'scripts', 'dist', '.cache', 'prisma.config.ts'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** A checkout whose sources may be edited. */
function copyCheckout(): string {
  const copy = makeHome();
  for (const name of [...SOURCES, ...SETTINGS])
    cpSync(join(ROOT, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.endsWith('crate/target'),
    });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

describe('npm run dev', () => {
  let checkout: string;
  let child: ChildProcess;
  let output = '';

  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(checkout, { recursive: true, force: true });
  });

  it(
    'serves, starts again with what is edited, and leaves no process behind when it is interrupted',
    async () => {
      checkout = copyCheckout();
      const PORT = String(await findFreePort());
      child = spawn(process.execPath, ['scripts/dev.mjs'], {
        cwd: checkout,
        env: { PATH: process.env['PATH'], PORT },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => (output += String(chunk)));
      const untilReady = () =>
        waitFor(
          'an answer',
          async () => {
            if (child.exitCode !== null) throw new Error(output);
            const answer = await fetch(`http://127.0.0.1:${PORT}/health/ready`).catch(() => null);
            return answer?.ok;
          },
          LIMIT_MS,
        );
      await untilReady();
      await waitFor('the compiler to watch', () => output.includes('Watching for file changes'), LIMIT_MS);

      appendFileSync(join(checkout, 'apps/api/src/main.ts'), "\nconsole.log('the API was edited');\n");
      await waitFor('the new API', () => output.includes('the API was edited'), LIMIT_MS);
      await untilReady();

      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number | null];
      expect([code, processesWith(checkout)]).toEqual([0, []]);
    },
    2 * LIMIT_MS,
  );
});
