import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

interface Job {
  readonly container?: string;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
}

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
const json = (path: string) => JSON.parse(read(path));

describe('the version', () => {
  const { version, engines } = json('package.json');

  it('is the same in every package, and the newest in the changelog', () => {
    const { packages } = json('package-lock.json');
    const [newest, previous] = [...read('CHANGELOG.md').matchAll(/^## (\S+)/gm)].map(
      ([, heading]) => heading,
    );
    expect(json('prisma/previous-release.json').version).toBe(previous);
    expect([
      packages[''].version,
      packages['libs/client'].version,
      json('libs/client/package.json').version,
      newest,
    ]).toEqual(Array(4).fill(version));
  });

  it('of the calls is that in their addresses', () => {
    const { info, paths } = json('libs/client/openapi.json');
    const addresses = Object.keys(paths).filter((path) => !/^\/(health\/|metrics$)/.test(path));
    expect(addresses.filter((path) => !path.startsWith(`/v${info.version}/`))).toEqual([]);
  });

  it('of Node is one that the service supports, and that of the images', () => {
    const node = read('.nvmrc').trim();
    expect(Number(node)).toBeGreaterThan(Number.parseFloat(engines.node.replace('>=', '')));
    expect(read('docker/Dockerfile')).toContain(`FROM node:${node}-`);
    expect(read('.github/workflows/ci.yml')).toContain(`container: node:${node}-`);
  });

  it('of Node is tested for each that is supported', () => {
    const [, supported = ''] = /Node (20\.19, 22 and 24)/.exec(read('CONTRIBUTING.md')) ?? [];
    const { jobs } = load(read('.github/workflows/ci.yml')) as { jobs: Record<string, Job> };
    const tested = Object.values(jobs).flatMap(
      ({ container, strategy }) => strategy?.matrix.node ?? /node:(\d+)/.exec(container ?? '')?.[1] ?? [],
    );
    expect(tested.sort()).toEqual(supported.split(/, | and /));
  });
});
