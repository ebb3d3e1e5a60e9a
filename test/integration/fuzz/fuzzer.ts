import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, '.cache/fuzz');
const HOOKS = join(import.meta.dirname, 'hooks.py');
const WANTED = 'schemathesis==4.32.0';
const STAMP = join(FOLDER, WANTED);

/**
 * Why there is no fuzzer here, or null once it is installed, in a Python of its own.
 *
 * @throws where there has to be one: .ci/run sets CI
 */
export function whyNoFuzzer(): string | null {
  const reason = install();
  if (reason !== null && process.env['CI'] === 'true')
    throw new Error(`The fuzzer cannot run: ${reason}. Without CI=true its suite is skipped.`);
  return reason;
}

function install(): string | null {
  if (existsSync(STAMP)) return null;
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3 here';
  if (spawnSync('python3', ['-m', 'venv', FOLDER]).status !== 0) return 'python3 has no venv (python3-venv)';
  const { status } = spawnSync(join(FOLDER, 'bin/python'), ['-m', 'pip', 'install', '--quiet', WANTED]);
  if (status !== 0) return `pip cannot install ${WANTED}`;
  writeFileSync(STAMP, '');
  return null;
}

export interface FuzzOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Of each call and kind of data, beside those that cover each schema. */
  readonly maxExamples: number;
  /** Path of what hooks.py reads. */
  readonly plan: string;
}

/** @returns whether nothing was found, and what the fuzzer says */
export async function fuzz({
  url,
  headers,
  seed,
  maxExamples,
  plan,
}: FuzzOptions): Promise<[boolean, string]> {
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const options = [
    ...Object.entries(headers).map(([name, value]) => ['--header', `${name}: ${value}`]),
    ['--seed', String(seed)],
    ['--max-examples', String(maxExamples)],
    ['--phases', 'examples,coverage,fuzzing'],
    ['--workers', '1'],
    ['--suppress-health-check', 'all'],
    // `accepted_or_listed` of hooks.py is in its place.
    ['--exclude-checks', 'positive_data_acceptance'],
    ['--no-color'],
  ].flat();
  const child = spawn(
    join(FOLDER, 'bin/schemathesis'),
    ['--config-file', config, 'run', `${url}/docs-json`, ...options],
    {
      cwd: dirname(plan),
      env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS, FUZZ_PLAN: plan },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => said.push(data));
  const code = await new Promise((done) => child.on('close', done));
  return [code === 0, Buffer.concat(said).toString()];
}
