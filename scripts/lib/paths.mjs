import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** What builds and installs leave behind. */
export const CACHE = join(ROOT, '.cache');
/** What is compiled. */
export const DIST = join(ROOT, 'dist');
/** Data of a started service. */
export const STATE = process.env.SPARSEREC_HOME ?? join(ROOT, '.sparserec');

/**
 * Flags of every process that runs kernels: Node 20 has relaxed SIMD behind one; later ones always have it
 * and refuse the flag.
 */
export const KERNEL_FLAGS =
  Number(process.versions.node.split('.')[0]) < 21 ? ['--experimental-wasm-relaxed-simd'] : [];

/**
 * Flags of the processes of the service. With a memory reducer V8 would compact a heap whose old part grows
 * slowly, as that of a server of many small answers does, and hold every answer for 0.1 to 0.2 s each time.
 * Garbage is collected all the same.
 */
export const APP_FLAGS = { api: [...KERNEL_FLAGS, '--no-memory-reducer'], worker: KERNEL_FLAGS };

/** The programs of the service by their names, and where each begins below `dist`. */
export const PROGRAMS = {
  api: 'apps/api/src/main.js',
  worker: 'apps/worker/src/main.js',
  cli: 'apps/cli/src/main.js',
};

/** What Node is given to run a process of the service. */
export function appArguments(name) {
  return [...APP_FLAGS[name], join(DIST, `programs/${name}.js`)];
}
