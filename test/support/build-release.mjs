/**
 * Builds the processes of an earlier commit from the history of this clone, without checking types:
 * node test/support/build-release.mjs COMMIT FOLDER
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['apps', 'libs', 'prisma', 'prisma.config.ts', 'package.json'];
const OPTIONS = {
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

const [commit, folder] = process.argv.slice(2);
const unfinished = `${folder}.${process.pid}`;
process.on('exit', () => rmSync(unfinished, { recursive: true, force: true }));
mkdirSync(unfinished, { recursive: true });
const sources = execFileSync('git', ['archive', commit, ...SOURCES], { cwd: ROOT, maxBuffer: 2 ** 28 });
execFileSync('tar', ['-x'], { cwd: unfinished, input: sources });
// Generating needs no engine, but Prisma insists on one: any program will do.
const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
execFileSync(join(ROOT, 'node_modules/.bin/prisma'), ['generate'], { cwd: unfinished, env });
const files = readdirSync(unfinished, { recursive: true, encoding: 'utf8' });
for (const file of files.filter((path) => /^(apps|libs)\/[^/]+\/src\/.*(?<!spec)\.ts$/.test(path))) {
  const output = join(unfinished, 'dist', file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, transformFileSync(join(unfinished, file), OPTIONS).code);
}
cpSync(join(unfinished, 'libs/sparse/wasm'), join(unfinished, 'dist/libs/sparse/wasm'), { recursive: true });
for (const sources of ['apps', 'libs']) rmSync(join(unfinished, sources), { recursive: true });
// What is there is whole: whoever comes second finds it.
rmSync(folder, { recursive: true, force: true });
renameSync(unfinished, folder);
