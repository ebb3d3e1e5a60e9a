import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Names of files and folders; other names in code spans are commands, fields or files of users. */
const SOURCE =
  /^[\w@.{-][\w@./{}-]*\.(ts|mjs|rs|py|sql|prisma|yaml|toml)$|^(apps|bench|docker|docs|libs|prisma|scripts|test)\/[\w./-]*\/$/;

const listed = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter((path) => existsSync(join(ROOT, path)));

const pages = listed('*.md');
const files = listed();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```$/gm, '');

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(path: string): Set<string> {
  const headings = [...withoutCode(read(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The links of a page that lead to another place of the repository: file and anchor. */
function linksOf(page: string): { link: string; file: string; anchor: string | undefined }[] {
  const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path, anchor] = link.split('#');
      return { link, file: path ? relative(ROOT, resolve(ROOT, dirname(page), path)) : page, anchor };
    });
}

/** Source files that a page names, whole or by the end of their path. */
function sourcesNamedBy(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/`([^`\s]+)`/g)]
    .map(([, name]) => name!)
    .filter((name) => SOURCE.test(name));
}

describe('documents', () => {
  it('are several, and have links and names of files', () => {
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(50);
    expect(pages.flatMap(sourcesNamedBy).length).toBeGreaterThan(50);
  });

  it.each(pages)('link from %s to files and headings that exist', (page) => {
    const broken = linksOf(page).filter(
      ({ file, anchor }) =>
        !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchorsOf(file).has(anchor)),
    );
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  it.each(pages)('name in %s source files that exist', (page) => {
    const missing = sourcesNamedBy(page).filter(
      (name) => !files.some((path) => `/${path}`.endsWith(`/${name}`) || path.startsWith(name)),
    );
    expect(missing).toEqual([]);
  });

  it('exist where sources name them', () => {
    const missing = listed('*.ts', '*.mjs', '*.rs', '*.sql', '*.yaml')
      .flatMap((path) => read(path).match(/\b(docs|bench)\/[\w./-]+\.md\b/g) ?? [])
      .filter((page) => !pages.includes(page));
    expect(missing).toEqual([]);
  });
});
