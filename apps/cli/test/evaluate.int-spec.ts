import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, sparserec } from './sparserec.js';

const DATA = join(ROOT, '../shared/data');

describe('sparserec evaluate', () => {
  const given = existsSync(DATA) ? it : it.skip;

  given.each([
    ['ml-1m', 300, '0.279', '0.380', ['0.123', '0.181']],
    ['ml-1m', 1_000, '0.282', '0.387', ['0.123', '0.181']],
    ['lastfm', 100, '0.261', '0.208', null],
  ])(
    'reproduces the published figures of EASE on %s with λ = %i (skipped without the data)',
    (name, regularization, recall, ndcg, baseline) => {
      const files = ['--train', join(DATA, name, 'train.txt'), '--test', join(DATA, name, 'test.txt')];
      const { stdout } = sparserec(
        'evaluate',
        ...files,
        '--model',
        'ease',
        '--param',
        `regularization=${regularization}`,
        '--k',
        '20',
        '--json',
      );
      const report = JSON.parse(stdout);
      const figures = (metrics: Record<string, { mean: number }>) =>
        ['recall@20', 'ndcg@20'].map((metric) => metrics[metric]!.mean.toFixed(3));
      expect(figures(report.metrics)).toEqual([recall, ndcg]);
      if (baseline) expect(figures(report.baseline)).toEqual(baseline);
      for (const field of [
        'model',
        'parameters',
        'users',
        'items',
        'interactions',
        'testDispersion',
        'fitMs',
        'evaluateMs',
        'peakRssBytes',
        'kernel',
        'threads',
      ]) {
        expect(report).toHaveProperty(field);
      }
    },
  );

  it.each([
    [['evaluate', '--train', 'missing', '--test', 'missing'], 'Cannot read missing'],
    [['evaluate', '--train', 'x', '--test', 'x', '--model', 'magic'], 'must be one of ease, '],
    [
      ['evaluate', '--train', 'x', '--test', 'x', '--param', 'regularization=-1'],
      'parameters.regularization',
    ],
    [['evaluate', '--train', 'x', '--test', 'x', '--k', '0'], 'whole numbers from 1'],
    [['import', '--data', '/nowhere'], '/nowhere: it does not exist'],
  ])('refuses %j in one line', (args, message) => {
    const { status, stderr } = sparserec(...args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['evaluate', 'leaderboard', 'train', 'recommend', 'inspect', 'import'])(
    'mentions --help where options of %s are wrong',
    (command) => {
      const { status, stderr } = sparserec(command, '--unheard-of');
      expect([status, stderr]).toEqual([1, expect.stringContaining('(add --help for what there is)')]);
    },
  );

  it('trains to a file and recommends from it, and names a line that is broken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparserec-cli-'));
    const [data, model] = [join(folder, 'train.txt'), join(folder, 'model.bin')];
    writeFileSync(
      data,
      Array.from(
        { length: 20 },
        (_, user) => `${user} ${[0, 2, 4, 6].map((n) => n + (user % 2)).join(' ')}\n`,
      ).join(''),
    );
    expect(sparserec('train', '--train', data, '--out', model, '--param', 'regularization=1').status).toBe(0);
    const { items } = JSON.parse(
      sparserec('recommend', '--model-file', model, '--items', '0,2', '--k', '2').stdout,
    );
    expect(items.map(({ item }: { item: number }) => item)).toEqual([4, 6]);
    writeFileSync(data, '0 1 2\n1 x\n');
    expect(sparserec('train', '--train', data, '--out', model).stderr).toContain(
      'line 2: "x" is not a whole number from 0',
    );
    rmSync(folder, { recursive: true });
  });
});
