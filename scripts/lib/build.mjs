import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';
import { run, step } from './run.mjs';

const SOURCES = [
  'apps',
  'libs',
  'prisma',
  'package-lock.json',
  'tsconfig.json',
  'nest-cli.json',
  'prisma.config.ts',
];
const APPS = ['api', 'worker', 'cli'];
const GENERATED = ['generated', 'target', 'dist'];
const STAMP = join(CACHE, 'built');
const BIN = join(ROOT, 'node_modules/.bin');

/** Generates the database client and compiles all apps, unless that was done for these very sources. */
export async function build() {
  const wanted = hashOfSources();
  if (existsSync(join(ROOT, 'dist')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('Building', async () => {
    rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
    await generateClient();
    for (const app of APPS) await run(join(BIN, 'nest'), ['build', app]);
    await buildClient();
    cpSync(join(ROOT, 'libs/sparse/wasm'), join(ROOT, 'dist/libs/sparse/wasm'), { recursive: true });
  });
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(STAMP, wanted);
}

/** Generating needs no engine, but Prisma insists on one: where none is named, any program will do. */
function generateClient() {
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...process.env };
  return run(join(BIN, 'prisma'), ['generate'], { env });
}

/** The typed client, from the OpenAPI document that is kept beside it. */
async function buildClient() {
  const client = join(ROOT, 'libs/client');
  rmSync(join(client, 'dist'), { recursive: true, force: true });
  const [input, output] = [join(client, 'openapi.json'), join(client, 'src/generated')];
  await run(join(BIN, 'openapi-ts'), ['-i', input, '-o', output, '-c', '@hey-api/client-fetch', '--silent']);
  await run(join(BIN, 'tsc'), ['-p', join(client, 'tsconfig.json')]);
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(source)) hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function filesOf(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .filter((name) => !GENERATED.includes(name))
    .flatMap((name) => filesOf(join(path, name)));
}
