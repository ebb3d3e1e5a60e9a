import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CACHE } from '../../scripts/lib/paths.mjs';
import { run, step } from '../../scripts/lib/run.mjs';
import { has } from './report.mjs';

export const PYTHON_PACKAGES = {
  numpy: '2.2.6',
  scipy: '1.16.3',
  'scikit-learn': '1.7.2',
  threadpoolctl: '3.6.0',
};

/** A Python of its own with the pinned packages. @returns path of its interpreter */
export async function installPythonPeers() {
  const venv = join(CACHE, 'bench-venv');
  const python = join(venv, 'bin/python');
  const wanted = Object.entries(PYTHON_PACKAGES).map(([name, version]) => `${name}==${version}`);
  const stamp = join(venv, wanted.join(','));
  if (!has('python3')) throw new Error('This benchmark compares with NumPy and needs python3 (with venv).');
  if (existsSync(stamp)) return python;
  await step('Installing NumPy, SciPy and scikit-learn', async () => {
    await run('python3', ['-m', 'venv', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', ...wanted]);
  });
  writeFileSync(stamp, '');
  return python;
}

/**
 * One Python process a routine, with all cores and the best code of its BLAS. It prints which code that is,
 * then answers each `ask()` by one line.
 */
export async function startPythonPeer(python, script, name, args, threads) {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
  const child = spawn(python, [script, name, ...args.map(String)], {
    env: { ...env, OPENBLAS_NUM_THREADS: String(threads) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} stopped`);
    return value;
  };
  const blas = await next();
  const ask = () => {
    child.stdin.write('run\n');
    return next();
  };
  return { name, blas, ask, stop: () => child.stdin.end() };
}
