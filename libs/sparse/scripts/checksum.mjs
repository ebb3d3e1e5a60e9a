import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILDS, RUST_VERSION } from './builds.mjs';

const LIBRARY = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The crate, and what came out. */
const PARTS = ['crate/Cargo.toml', 'crate/Cargo.lock', 'crate/src', 'wasm'];
const RECORD = 'wasm/checksum.txt';

/** Whether the committed builds are those that were recorded, of the sources that are here. */
export function isRecorded() {
  const path = join(LIBRARY, RECORD);
  return existsSync(path) && readFileSync(path, 'utf8').trim() === checksum();
}

/** Notes what the builds were made from. */
export function record() {
  writeFileSync(join(LIBRARY, RECORD), `${checksum()}\n`);
}

function checksum() {
  const hash = createHash('sha256').update(JSON.stringify([RUST_VERSION, BUILDS]));
  for (const file of PARTS.flatMap(filesOf))
    hash.update(`${file}\n`).update(readFileSync(join(LIBRARY, file)));
  return hash.digest('hex');
}

function filesOf(path) {
  if (path === RECORD) return [];
  if (!statSync(join(LIBRARY, path)).isDirectory()) return [path];
  const names = readdirSync(join(LIBRARY, path)).sort();
  return names.flatMap((name) => filesOf(`${path}/${name}`));
}
