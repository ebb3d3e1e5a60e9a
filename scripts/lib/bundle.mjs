/**
 * Joins each program of the service with all modules that it loads: to find and read two thousand files takes
 * Node half of the processor time of a start.
 */
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DIST, PROGRAMS } from './paths.mjs';

const FOLDER = join(DIST, 'programs');
/** They find files of their own by the place of their code. */
const LEFT_AS_THEY_ARE = ['piscina', 'swagger-ui-dist', 'msgpackr'];
/** Decorators need it before anything else, and the files of a program are run in an order of their own. */
const FIRST = 'reflect-metadata';
/** And what CommonJS modules expect to be there. */
const BEGINNING = `import '${FIRST}';
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** Writes `dist/programs`: a file for each program, and those that they share or load later. */
export async function bundle() {
  // In a fresh checkout it is not installed yet when this file is loaded.
  const { build } = await import('esbuild');
  const entryPoints = Object.entries(PROGRAMS).map(([out, entry]) => ({ out, in: join(DIST, entry) }));
  await rm(FOLDER, { recursive: true, force: true });
  await build({
    entryPoints,
    outdir: FOLDER,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    banner: { js: BEGINNING },
    external: [...LEFT_AS_THEY_ARE, FIRST],
    plugins: [ownPlaces, unusedPackages, missingPackages],
    logLevel: 'error',
  });
}

/** A module of ours that looks for a file beside it goes on finding it there. */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const place = `new URL(${JSON.stringify(relative(FOLDER, path))}, import.meta.url).href`;
      const source = await readFile(path, 'utf8');
      return { contents: source.replaceAll('import.meta.url', place), loader: 'js' };
    });
  },
};

/** For exemplars of metrics, which nothing here has; traces load it where they are on. */
const unusedPackages = {
  name: 'unused-packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path, importer }) =>
      importer.includes('/prom-client/') ? { path, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /()/, namespace: 'unused' }, () => ({ contents: '' }));
  },
};

/** Optional ones of packages, which do without. */
const missingPackages = {
  name: 'missing-packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./#]/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'asked') return undefined;
      const { errors } = await resolve(path, { ...options, pluginData: 'asked' });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};
