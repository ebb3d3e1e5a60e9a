import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
/** Made by a tool; what it makes is its own affair. */
const GENERATED = /libs\/client|\/generated\//;

/** Files that a file imports, types alone included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => /^[.#]/.test(name))
    .map((name) =>
      name.startsWith('#')
        ? join(ROOT, 'libs', name.slice(1), 'src/index.ts')
        : sourceOf(join(dirname(file), name)),
    )
    .filter((path) => /\.tsx?$/.test(path))
    .filter((path) => !GENERATED.test(path));
}

/** TypeScript, or with JSX, or what is no code. */
function sourceOf(path: string): string {
  const jsx = path.replace(/\.js$/, '.tsx');
  return existsSync(jsx) ? jsx : path.replace(/\.js$/, '.ts');
}

/** The first way from a file back to itself that a search from each file finds. */
function circlesOf(files: readonly string[]): string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, way: readonly string[]) => {
    const start = way.indexOf(file);
    if (start >= 0) circles.push([...way.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return circles;
}

describe('files', () => {
  it('do not import one another in circles, not even types', () => {
    const files = ['apps', 'libs', 'test'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => join(ROOT, folder, name))
        .filter((path) => /\.tsx?$/.test(path) && !/node_modules/.test(path) && !GENERATED.test(path)),
    );
    expect(files.length).toBeGreaterThan(400);
    expect(circlesOf(files).map((circle) => circle.map((file) => relative(ROOT, file)))).toEqual([]);
  });
});
