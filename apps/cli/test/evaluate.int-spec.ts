import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, sparserec, sparserecTold } from './sparserec.js';

const DATA = join(ROOT, '../shared/data');

describe('sparserec evaluate', () => {
  const given = existsSync(DATA) ? it : it.skip;

  given.each([
    ['ml-1m', 300, ['0.279', '0.380'], ['0.123', '0.181']],
    ['ml-1m', 1_000, ['0.282', '0.387'], ['0.123', '0.181']],
    ['lastfm', 100, ['0.261', '0.208'], null],
  ])(
    'reproduces the published figures of EASE on %s with λ = %i (skipped without the data)',
    (name, regularization, metrics, baseline) => {
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
      const figures = (measured: Record<string, { mean: number }>) =>
        ['recall@20', 'ndcg@20'].map((metric) => measured[metric]!.mean.toFixed(3));
      expect(figures(report.metrics)).toEqual(metrics);
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
    [['evaluate', '--train', 'missing', '--test', 'missing'], 'missing: it does not exist; check the path'],
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
    expect(items.map(({ itemId }: { itemId: string }) => itemId)).toEqual(['4', '6']);
    writeFileSync(data, '0 1 2\n1 ..\n');
    expect(sparserec('train', '--train', data, '--out', model).stderr).toContain('train.txt, line 2: ');
    rmSync(folder, { recursive: true });
  });

  it('splits one data set from standard input, and says how it was read and split', () => {
    const rows = Array.from(
      { length: 60 },
      (_, n) => `u${n % 6},i${(n * 7) % 20},${n % 4 ? 5 : 1},2001-01-01T00:00:${n}`,
    );
    const input = `user_id;book_id;rating;timestamp\n${rows.map((row) => row.replaceAll(',', ';').replace(/:(\d)$/, ':0$1')).join('\n')}\n`;
    const options = ['--data', '-', '--split', 'time', '--model', 'popularity', '--k-core', '2', '--json'];
    const { status, stdout, stderr } = sparserecTold(input, 'evaluate', ...options);
    expect([status, stderr]).toEqual([0, expect.stringContaining('book_id')]);
    expect(JSON.parse(stdout).split).toMatchObject({
      kind: 'time',
      holdout: 0.2,
      kCore: 2,
      cut: expect.stringMatching(/^2001-01-01T00:00:\d\d/),
    });
  });
});
