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
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';
import { CACHE, DIST, ROOT } from './paths.mjs';
import { run, step } from './run.mjs';

const BIN = join(ROOT, 'node_modules/.bin');
const STAMPS = join(CACHE, 'builds');
const TOOLS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** What is generated, and what runs in tests only: it is no source of a build. */
const NO_SOURCE = /(^|\/)(generated|target|dist|node_modules|sparse\/wasm|crate|test|testing)$|spec\.ts$/;

/** Each is made again when one of its sources is not what it was made from, in this order. */
const DATABASE_CLIENT = {
  name: 'database-client',
  sources: ['package-lock.json', 'prisma/schema.prisma', 'prisma.config.ts'],
  output: join(ROOT, 'libs/data/src/generated'),
  make: generateDatabaseClient,
};
const SERVICE = {
  name: 'service',
  sources: ['apps/api', 'apps/cli', 'apps/worker', 'libs', 'prisma/schema.prisma', ...TOOLS],
  output: DIST,
  make: () => compile('tsconfig.build.json'),
};
const PROGRAMS = {
  name: 'programs',
  sources: SERVICE.sources,
  output: join(DIST, 'programs'),
  make: bundle,
};
/** Copied only when they are others: a process that starts may be reading them. */
const KERNELS = {
  name: 'kernels',
  sources: ['libs/sparse/wasm'],
  output: join(DIST, 'libs/sparse/wasm'),
  make: copyKernels,
};
const TYPED_CLIENT = {
  name: 'typed-client',
  sources: ['package-lock.json', 'libs/client/openapi.json', 'libs/client/tsconfig.json'],
  output: join(ROOT, 'libs/client/dist'),
  make: buildTypedClient,
};
/** The page that the API serves, with everything that it is made of. */
const DASHBOARD = {
  name: 'dashboard',
  sources: ['apps/dashboard', 'libs/client/src/index.ts', ...TYPED_CLIENT.sources],
  output: join(DIST, 'dashboard'),
  make: buildDashboard,
};
const PARTS = [DATABASE_CLIENT, SERVICE, PROGRAMS, KERNELS, TYPED_CLIENT, DASHBOARD];

/** Everything that runs, and the typed client. */
export async function build() {
  const due = PARTS.filter((part) => !isMade(part));
  if (due.length > 0)
    await step('Building', async () => {
      for (const part of due) await make(part);
    });
}

/** The same, and the types of everything that only tests have: one pass of the compiler over all sources. */
export async function buildAndCheckTypes() {
  for (const part of [DATABASE_CLIENT, TYPED_CLIENT]) if (!isMade(part)) await make(part);
  await make({ ...SERVICE, make: () => compile('tsconfig.json') });
  await run(join(BIN, 'tsc'), ['-p', join(ROOT, 'apps/dashboard')]);
  await build();
}

function isMade({ name, sources, output }) {
  const stamp = join(STAMPS, name);
  return existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOf(sources);
}

async function make({ name, sources, make }) {
  const stamp = join(STAMPS, name);
  rmSync(stamp, { force: true });
  await make();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, hashOf(sources));
}

/** Generating needs no engine, but Prisma insists on one: where none is named, any program will do. */
function generateDatabaseClient() {
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...process.env };
  return run(join(BIN, 'prisma'), ['generate'], { env });
}

/**
 * Compiles what changed since the last pass. @param project one of the files that say what belongs to a pass
 */
async function compile(project) {
  removeOrphans('apps');
  removeOrphans('libs');
  await run(join(BIN, 'tsc'), ['-p', join(ROOT, project)]);
}

/** Takes away what was compiled from sources that are gone. */
function removeOrphans(folder) {
  if (!existsSync(join(DIST, folder))) return;
  for (const name of readdirSync(join(DIST, folder))) {
    const path = join(folder, name);
    if (statSync(join(DIST, path)).isDirectory()) removeOrphans(path);
    else if (/\.js(\.map)?$/.test(name) && !existsSync(join(ROOT, path.replace(/\.js(\.map)?$/, '.ts'))))
      rmSync(join(DIST, path));
  }
}

function copyKernels() {
  cpSync(join(ROOT, 'libs/sparse/wasm'), join(DIST, 'libs/sparse/wasm'), { recursive: true });
}

/** The typed client, from the OpenAPI document that is kept beside it. */
async function buildTypedClient() {
  const client = join(ROOT, 'libs/client');
  rmSync(join(client, 'dist'), { recursive: true, force: true });
  const [input, output] = [join(client, 'openapi.json'), join(client, 'src/generated')];
  await run(join(BIN, 'openapi-ts'), ['-i', input, '-o', output, '-c', '@hey-api/client-fetch', '--silent']);
  await run(join(BIN, 'tsc'), ['-p', join(client, 'tsconfig.json')]);
}

/** Packed beside each file, so that the API packs nothing. */
async function buildDashboard() {
  await run(join(BIN, 'vite'), ['build', '--logLevel', 'warn', join(ROOT, 'apps/dashboard')]);
  for (const name of readdirSync(DASHBOARD.output, { recursive: true })) {
    const path = join(DASHBOARD.output, name);
    if (/\.(js|css|html|svg)$/.test(name))
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}

function hashOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesOf(source)) hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function filesOf(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .map((name) => join(path, name))
    .filter((child) => !NO_SOURCE.test(child))
    .flatMap(filesOf);
}
