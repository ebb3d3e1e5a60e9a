/**
 * Joins each program of the service with all modules that it loads: to find and read two thousand files takes
 * Node half of the processor time of a start.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DIST, PROGRAMS } from './paths.mjs';
import { StepError } from './run.mjs';

const FOLDER = join(DIST, 'programs');
/** They find files of their own by the place of their code. */
const LEFT_AS_THEY_ARE = ['piscina', 'swagger-ui-dist', 'msgpackr'];
/** Decorators need it before anything else, and the files of a program are run in an order of their own. */
const FIRST = 'reflect-metadata';
/** And what CommonJS modules expect to be there. */
const BEGINNING = `import '${FIRST}';
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;
/** What esbuild writes for `keepNames`. */
const NAMING = '__defProp(target, "name", { value, configurable: true })';
/** Arrow functions have no prototype, and nobody asks for their names. */
const NAMING_OF_RENAMED = `"prototype" in target && target.name !== value ? ${NAMING} : target`;

/** Writes `dist/programs`: a file for each program, and those that they share or load later. */
export async function bundle() {
  // In a fresh checkout it is not installed yet when this file is loaded.
  const { build } = await import('esbuild');
  const entryPoints = Object.entries(PROGRAMS).map(([out, entry]) => ({ out, in: join(DIST, entry) }));
  await rm(FOLDER, { recursive: true, force: true });
  const { outputFiles } = await build({
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
    plugins: [ownPlaces, unusedPackages, unusedParts, missingPackages],
    logLevel: 'error',
    write: false,
  });
  await mkdir(FOLDER, { recursive: true });
  for (const { path, contents } of withoutNaming(outputFiles)) await writeFile(path, contents);
}

/**
 * By `keepNames` each closure is named anew whenever one is made, which takes 3 % of a list. Only classes and
 * functions that were renamed need it.
 */
function withoutNaming(files) {
  const naming = files.filter(({ text }) => text.includes(NAMING));
  if (naming.length !== 1) throw new StepError('esbuild keeps names in another way than before.');
  const [{ path, text }] = naming;
  const contents = text.replace(NAMING, NAMING_OF_RENAMED);
  return [...files.filter((file) => file.path !== path), { path, contents }];
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

/**
 * What packages load at each start and nobody here needs: messages of zod in fifty languages, and all of
 * fetch, by which pg finds out on Node 20 that this is no server of Cloudflare.
 */
const UNUSED_PARTS = [
  { filter: /\/zod\/v4\/locales\/index\.js$/, from: /^export \{ default as (?!en\b).*$/gm, to: '' },
  { filter: /\/pg\/lib\/stream\.js$/, from: /typeof Response === 'function'/, to: 'false' },
];
const unusedParts = {
  name: 'unused-parts',
  setup({ onLoad }) {
    for (const { filter, from, to } of UNUSED_PARTS)
      onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const contents = source.replace(from, to);
        if (contents === source) throw new StepError(`${path} is written in another way than before.`);
        return { contents, loader: 'js' };
      });
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
