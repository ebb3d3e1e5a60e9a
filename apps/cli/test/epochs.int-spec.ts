import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparserec } from './sparserec.js';

const EPOCH =
  /^(choosing|final) {2}epoch \d+ {2}loss \d+\.\d{4} {2}\d+ ms( {2}validation NDCG@20 0\.\d{4})?$/;

describe('a model that is trained in epochs', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  const settings = ['factors=4', 'epochs=6', 'patience=5'].flatMap((setting) => ['--param', setting]);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-'));
    const items = (user: number) => Array.from({ length: 8 }, (_, n) => (user * 7 + n * 3) % 20);
    const lines = Array.from({ length: 30 }, (_, user) => [user, ...items(user)].join(' '));
    writeFileSync(path('train.txt'), lines.join('\n'));
    writeFileSync(path('test.txt'), lines.map((_, user) => `${user} ${(user * 7 + 1) % 20}`).join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['evaluate', () => ['--test', path('test.txt'), '--json'], 1],
    ['train', () => ['--out', path('model.bin')], 2],
  ] as const)('prints loss, time and validation metric of each with %s', (command, rest, fits) => {
    const common = ['--train', path('train.txt'), '--model', 'lightgcl', ...settings];
    const { status, stderr, stdout } = sparserec(command, ...common, ...rest());
    expect({ status, model: (JSON.parse(stdout) as { model: string }).model }).toEqual({
      status: 0,
      model: 'lightgcl',
    });
    const lines = stderr.split('\n').filter((line) => line.includes('epoch'));
    for (const line of lines) expect(line).toMatch(EPOCH);
    expect(lines.filter((line) => line.startsWith('choosing'))).toHaveLength(6 * fits);
    expect(lines.filter((line) => line.includes('validation'))).toHaveLength(2 * fits);
    expect(lines.filter((line) => line.startsWith('final')).length).toBeGreaterThanOrEqual(fits);
  });
});
