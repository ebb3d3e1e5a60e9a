import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithRedis } from '../../support/redis.js';

const SCRIPT = join(import.meta.dirname, '../../faults/main.mjs');

/** Of fifty cycles on a machine that many suites share. */
const LIMIT_MS = 600_000;

describeWithRedis('two APIs and two workers under load', () => {
  let folder: string;

  /** What `npm run -s test:faults -- …` runs. */
  const faults = (...args: string[]) =>
    spawnSync(process.execPath, [SCRIPT, ...args, '--folder', join(folder, 'data'), '--json'], {
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faults-'));
    // PostgreSQL has a user of its own, who has to enter it.
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it(
    'lose, double and forget nothing that was acknowledged in 50 kills and flushes, and end every run',
    () => {
      const { status, stdout, stderr } = faults('--cycles', '50');
      expect([status, stderr.match(/^FOUND .*$/gm)]).toEqual([0, null]);
      const { cycles, faults: byFault } = JSON.parse(stdout) as {
        cycles: number;
        faults: Record<string, { posts: number; lists: number }>;
      };
      expect(cycles).toBe(50);
      expect(Object.keys(byFault).sort()).toEqual([
        'flush',
        'kill-api',
        'kill-postgres',
        'kill-redis',
        'kill-worker',
      ]);
      for (const { posts, lists } of Object.values(byFault))
        expect([posts > 0, lists > 0]).toEqual([true, true]);
    },
    LIMIT_MS,
  );

  it(
    'would be found to lose what they acknowledged before it is stored',
    () => {
      const { status, stderr } = faults('--early-answers', '--faults', 'kill-api', '--cycles', '10');
      expect(status).toBe(1);
      expect(stderr).toMatch(/^FOUND \S+ item-\d+ was acknowledged and is there 0 times$/m);
      expect(stderr).toMatch(
        /^Again: npm run -s test:faults -- --seed 1 --from \d+ --cycles 1 --faults kill-api/m,
      );
    },
    LIMIT_MS,
  );
});
