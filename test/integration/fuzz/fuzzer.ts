import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { whyNoPackage } from '../../support/python-package.js';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, '.cache/fuzz');
const HOOKS = join(import.meta.dirname, 'hooks.py');
const WANTED = 'schemathesis==4.32.0';

/** Why there is no fuzzer here, or null once it is installed. */
export const whyNoFuzzer = (): string | null => whyNoPackage(WANTED, FOLDER);

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
