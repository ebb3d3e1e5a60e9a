import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { TestService, twoTastes } from '../support/api.js';
import { shellCommandsOf } from '../support/shell-commands.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/runbook.md';
const TEXT = readFileSync(join(ROOT, PAGE), 'utf8');

interface Alerts {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

describe('docs/runbook.md', () => {
  let service: TestService;
  let values: Record<string, string>;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    const { modelId } = await service.train();
    await service.train({ model: 'popularity' });
    const { body: key } = await service.send('POST', '/v1/keys', { name: 'leaked', scopes: ['read'] });
    process.kill(service.worker.pid, 'SIGSTOP');
    const { body: run } = await service.send('POST', 'training-runs', { model: 'item-knn' });
    const token = service.keyHeader['authorization']!.replace('Bearer ', '');
    values = { MODEL: modelId, RUN: run.id, LEAKED: key.id, SPARSEREC_KEY: token };
  });
  afterAll(async () => {
    process.kill(service.worker.pid, 'SIGCONT');
    await service.stop();
  });

  it('has commands that do what they say', async () => {
    const commands = shellCommandsOf(PAGE);
    expect(commands).toHaveLength(9);
    for (const command of commands) {
      const here = command.replace('http://127.0.0.1:3000', service.url);
      const env = { ...process.env, ...values };
      await promisify(execFile)('bash', ['-c', here], { env }).catch((error: unknown) => {
        throw new Error(command, { cause: error });
      });
    }
    const { body: models } = await service.get('/v1/catalogs/default/models');
    const active = (models.items as { readonly id: string; readonly status: string }[]).filter(
      ({ status }) => status === 'active',
    );
    expect(active.map(({ id }) => id)).toEqual([values['MODEL']]);
    const { body: run } = await service.get(`/v1/catalogs/default/training-runs/${values['RUN']}`);
    expect(run.status).toBe('cancelled');
    const { body: key } = await service.get(`/v1/keys/${values['LEAKED']}`);
    expect(key.revokedAt).not.toBeNull();
  });

  it('names alerts that there are', () => {
    const { groups } = load(readFileSync(join(ROOT, 'docker/prometheus/alerts.yaml'), 'utf8')) as Alerts;
    const known = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const named = [...TEXT.matchAll(/`(Sparserec\w+)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(known).toEqual(expect.arrayContaining(named));
  });

  it('names events that processes log', async () => {
    const named = [...TEXT.matchAll(/`((?:queue|model|training|interactions)\.[a-z-]+)`/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(4);
    for (const name of new Set(named))
      await promisify(execFile)('git', ['grep', '-q', `event: '${name}'`, '--', 'apps', 'libs'], {
        cwd: ROOT,
      });
  });
});
