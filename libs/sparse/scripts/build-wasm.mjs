#!/usr/bin/env node
/**
 * Builds the Rust crate to the four committed WebAssembly files, and records by a checksum what
 * they were built from.
 *
 *   npm run build:wasm                 build into libs/sparse/wasm
 *   npm run build:wasm -- --check      build elsewhere and compare with the committed files
 *   npm run build:wasm -- --install    only install what is missing (Debian, as root)
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILDS, RUST_VERSION } from './builds.mjs';
import { isRecorded, record } from './checksum.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CRATE = join(HERE, '../crate');
const COMMITTED = join(HERE, '../wasm');
const TARGET = 'wasm32-unknown-unknown';
/** No library has code for it. */
const CRATE_FEATURE = ',+relaxed-simd';
const DEBIAN_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'lld'];

const HOW_TO_INSTALL = `The kernels are built by Rust ${RUST_VERSION}, which is not here. Either
  Debian 12, as root:  apt-get update && apt-get install -y --no-install-recommends ${DEBIAN_PACKAGES.join(' ')}
  anywhere:            rustup toolchain install ${RUST_VERSION} --target ${TARGET} --component rust-src
The committed files in libs/sparse/wasm work without it.`;

function run(command, args, options = {}) {
  return spawnSync(command, args, { encoding: 'utf8', ...options });
}

function isRightVersion(rustc, args = []) {
  return run(rustc, [...args, '--version']).stdout?.startsWith(`rustc ${RUST_VERSION} `) ?? false;
}

function findSysroot(rustc, ...args) {
  return run(rustc, [...args, '--print', 'sysroot']).stdout.trim();
}

/** Debian's compiler has the library's sources; a rustup one may have them too. */
function findToolchain() {
  if (existsSync('/usr/bin/rustc') && isRightVersion('/usr/bin/rustc')) {
    return {
      cargo: ['/usr/bin/cargo'],
      env: { RUSTC: '/usr/bin/rustc' },
      sysroot: findSysroot('/usr/bin/rustc'),
    };
  }
  if (isRightVersion('rustup', ['run', RUST_VERSION, 'rustc'])) {
    const rustup = ['rustup', 'run', RUST_VERSION];
    return { cargo: [...rustup, 'cargo'], env: {}, sysroot: findSysroot(...rustup, 'rustc') };
  }
  return null;
}

function install() {
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if (run('apt-get', ['update', '-qq'], options).status !== 0) return;
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...DEBIAN_PACKAGES], options);
}

/**
 * All crates, ours and those of Rust's own library, in one folder of the copy that is built, so that no byte
 * depends on where a registry or a cache is.
 *
 * @returns whether they are there; the crates of this one come from a registry or from what cargo
 * has kept of it
 */
function gatherCrates(toolchain, work) {
  const [program, ...prefix] = toolchain.cargo;
  const folder = join(work, 'vendor');
  const library = join(toolchain.sysroot, 'lib/rustlib/src/rust/library');
  const bundled = join(library, 'vendor');
  const more = existsSync(bundled) ? [] : ['--sync', join(library, 'Cargo.toml')];
  const args = [...prefix, 'vendor', '--locked', '--versioned-dirs', ...more, folder];
  const env = { ...process.env, ...toolchain.env, RUSTC_BOOTSTRAP: '1' };
  if (run(program, args, { cwd: work, env, stdio: ['ignore', 'ignore', 2] }).status !== 0) return false;
  for (const name of existsSync(bundled) ? readdirSync(bundled) : [])
    if (!existsSync(join(folder, name))) symlinkSync(join(bundled, name), join(folder, name));
  mkdirSync(join(work, '.cargo'));
  writeFileSync(
    join(work, '.cargo/config.toml'),
    `[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = ${JSON.stringify(folder)}\n`,
  );
  return true;
}

/**
 * The same source gives the same bytes wherever it lies: it is built from a copy, and all paths are renamed.
 * Builds that differ in what the crate alone is given share the libraries, which take a minute to compile.
 */
function buildOne(toolchain, { features, link }, work) {
  const [program, ...prefix] = toolchain.cargo;
  const flagsOfAll = [
    `-Ctarget-feature=${features.replace(CRATE_FEATURE, '')}`,
    '-Clinker=wasm-ld',
    `--remap-path-prefix=${work}=/kernels`,
    `--remap-path-prefix=${toolchain.sysroot}=/rust`,
  ];
  const flagsOfCrate = [`-Ctarget-feature=${features}`, ...link.map((argument) => `-Clink-arg=${argument}`)];
  const args = [
    ...prefix,
    'rustc',
    '--release',
    '--lib',
    '--locked',
    '--target',
    TARGET,
    '-Zbuild-std=std,panic_abort',
    '--',
    ...flagsOfCrate,
  ];
  const env = {
    ...process.env,
    ...toolchain.env,
    RUSTC_BOOTSTRAP: '1',
    CARGO_ENCODED_RUSTFLAGS: flagsOfAll.join('\x1f'),
    CARGO_TARGET_DIR: join(work, 'target'),
  };
  const result = run(program, args, { cwd: work, env, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) throw new Error('The compiler failed; its messages are above.');
  return readFileSync(join(work, 'target', TARGET, 'release/sparserec_kernels.wasm'));
}

function main(options) {
  let toolchain = findToolchain();
  if (!toolchain && options.includes('--install')) {
    install();
    toolchain = findToolchain();
  }
  if (!toolchain) {
    console.error(HOW_TO_INSTALL);
    return 2;
  }
  if (options.includes('--install')) return 0;
  const work = mkdtempSync(join(tmpdir(), 'sparserec-wasm-'));
  let status = 0;
  try {
    for (const file of ['Cargo.toml', 'Cargo.lock', 'src'])
      cpSync(join(CRATE, file), join(work, file), { recursive: true });
    if (!gatherCrates(toolchain, work)) {
      console.error('The crates that the kernels use could not be fetched; the messages are above.');
      return 2;
    }
    for (const [name, settings] of Object.entries(BUILDS)) {
      const bytes = buildOne(toolchain, settings, work);
      const path = join(COMMITTED, `${name}.wasm`);
      if (!options.includes('--check')) {
        mkdirSync(COMMITTED, { recursive: true });
        writeFileSync(path, bytes);
        console.log(`${name}.wasm: ${bytes.length} bytes`);
      } else if (existsSync(path) && readFileSync(path).equals(bytes)) {
        console.log(`${name}.wasm: equal to its source`);
      } else {
        console.error(`${name}.wasm differs from its source: run npm run build:wasm and commit the result.`);
        status = 1;
      }
    }
    if (!options.includes('--check')) record();
    else if (status === 0 && !isRecorded()) {
      console.error('checksum.txt is not of these sources: run npm run build:wasm and commit the result.');
      status = 1;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return status;
}

process.exitCode = main(process.argv.slice(2));
