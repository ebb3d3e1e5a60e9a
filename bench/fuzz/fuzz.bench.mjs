/**
 * The fuzz test with more cases: seeded random calls to all addresses of a service of its own, by
 * schemathesis. It prints what the test prints, and fails where it fails: a 5xx, an undocumented status,
 * an answer outside its schema, or valid data that is refused though apps/api/src/common/refusals.ts
 * does not list why.
 *   npm run -s bench -- fuzz [--cases 20000] [--seed 1]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { readOptions } from '../lib/options.mjs';

const { cases, seed } = readOptions({
  cases: { type: 'string', default: '20000' },
  seed: { type: 'string', default: '1' },
});

const child = spawn(process.execPath, [join(ROOT, 'scripts/test.mjs'), 'test/integration/fuzz'], {
  env: { ...process.env, FUZZ_CASES: cases, FUZZ_SEED: seed },
  stdio: 'inherit',
});
child.on('exit', (code) => (process.exitCode = code ?? 1));
