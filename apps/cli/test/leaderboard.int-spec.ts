import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparserec } from './sparserec.js';

type Figures = Record<string, { mean: number; ci95: [number, number] }>;
interface Row {
  model: string;
  parameters: Record<string, unknown>;
  validation: Figures;
  metrics: Figures;
  served?: Figures;
  differenceToBest: Figures;
  coverage: number;
  gini: number;
  tailRecall: number[];
  leftOut?: string;
}

const USERS = 60;
const ITEMS = 40;

/**
 * Users of four tastes, each with most items of one and with one of another; `held` of them are for the test.
 */
function benchmark(folder: string, held: (user: number, n: number) => boolean): void {
  const lines = (isTest: boolean) =>
    Array.from({ length: USERS }, (_, user) => {
      const items = Array.from({ length: ITEMS / 4 }, (_, n) => n).filter((n) => (user * 7 + n * n) % 5 > 0);
      const kept = items
        .filter((n) => held(user, n) === isTest)
        .map((n) => 4 * n + ((user + Number(n === user % 10)) % 4));
      return `${user} ${kept.join(' ')}\n`;
    }).join('');
  writeFileSync(join(folder, 'train.txt'), lines(false));
  writeFileSync(join(folder, 'test.txt'), lines(true));
}

describe('sparserec leaderboard', () => {
  let folder: string;
  const run = (...args: string[]) => {
    const { stdout, stderr } = sparserec(
      'leaderboard',
      '--data',
      folder,
      '--threads',
      '1',
      '--json',
      ...args,
    );
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown> & {
      models: Row[];
      baseline: Figures;
      best: { model: string };
    };
  };
  const rowOf = (models: Row[], model: string) => models.find((row) => row.model === model)!;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-leaderboard-'));
    benchmark(folder, (user, n) => (user + n) % 3 === 0);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('compares models on one split, with the figures of evaluate', () => {
    const board = run(
      '--models',
      'item-knn,ease,popularity',
      '--param',
      'ease.regularization=3',
      '--k',
      '5,20',
    );
    expect(board).toMatchObject({ data: folder, users: USERS, items: ITEMS });
    expect(board.models.map(({ model }) => model)).toEqual(['item-knn', 'ease', 'popularity']);
    const files = ['--train', join(folder, 'train.txt'), '--test', join(folder, 'test.txt')];
    const alone = JSON.parse(
      sparserec('evaluate', ...files, '--param', 'regularization=3', '--k', '5,20', '--json').stdout,
    );
    const ease = rowOf(board.models, 'ease');
    expect(ease).toMatchObject({
      parameters: alone.parameters,
      metrics: alone.metrics,
      served: alone.served,
      kernel: alone.kernel,
    });
    expect(board.baseline).toEqual(alone.baseline);
    expect(rowOf(board.models, 'popularity').metrics).toEqual(board.baseline);
    for (const row of board.models) {
      expect(Object.keys(row.validation)).toEqual(['recall@20', 'ndcg@20']);
      expect(row.tailRecall).toHaveLength(10);
      for (const share of [row.coverage, row.gini, ...row.tailRecall]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      for (const field of ['fitMs', 'peakRssBytes', 'artifactBytes'])
        expect(row).toHaveProperty(field, expect.any(Number));
    }
  });

  it('chooses the best on validation alone and measures the others against it', () => {
    const { models, best } = run('--models', 'popularity,item-knn,ease');
    const figure = (row: Row) => row.validation['ndcg@20']!.mean;
    const reference = rowOf(models, best.model);
    expect(figure(reference)).toBe(Math.max(...models.map(figure)));
    for (const { metrics, differenceToBest } of models)
      for (const [name, { mean, ci95 }] of Object.entries(differenceToBest)) {
        expect(mean).toBeCloseTo(metrics[name]!.mean - reference.metrics[name]!.mean, 12);
        expect(ci95[0]).toBeLessThanOrEqual(mean);
        expect(ci95[1]).toBeGreaterThanOrEqual(mean);
      }
    expect(differencesOf(reference)).toEqual([0, 0]);
    expect(rowOf(models, 'popularity').differenceToBest['ndcg@20']!.ci95[1]).toBeLessThan(0);
  });

  it('lets the test file decide nothing: neither the best nor what --tune chooses', () => {
    const choices = () => {
      const { models, best } = run(
        '--models',
        'item-knn,popularity',
        '--tune',
        '--param',
        'item-knn.weighting=cosine',
      );
      return { best, chosen: models.map(({ parameters, validation }) => ({ parameters, validation })) };
    };
    const before = choices();
    expect(before.chosen[0]!.parameters).toMatchObject({
      weighting: 'cosine',
      shrinkage: expect.any(Number),
    });
    writeFileSync(join(folder, 'test.txt'), `0 1 2 3\n1 ${ITEMS - 1}\n`);
    expect(choices()).toEqual(before);
  });

  it('leaves out a model that costs more than it may, and says why', () => {
    const { models, best, baseline } = run('--models', 'ease,popularity', '--max-flops', '10');
    expect(models[0]).toEqual({
      model: 'ease',
      parameters: expect.objectContaining({ regularization: 300 }),
      leftOut: expect.stringMatching(/^its fit takes about \d\.\de\+\d FLOPs, and may take 1\.0e\+1$/),
    });
    expect(best).toEqual({ model: 'popularity' });
    expect(baseline['recall@20']!.mean).toBeGreaterThan(0);
  });

  it('prints a table, and what it is doing on standard error', () => {
    const { stdout, stderr } = sparserec('leaderboard', '--data', folder, '--models', 'ease,popularity');
    expect(stdout).toMatch(/^60 users, 40 items, \d+ training interactions\n\nmodel +validation/);
    expect(stdout).toMatch(/\nbest by ndcg@20 on validation: ease\n$/);
    expect(stderr).toMatch(/^ease: validation recall@20 0\.\d{4}/);
  });

  it.each([
    [['--data', 'missing'], 'missing: it does not exist; check the path'],
    [['--models', 'magic'], 'must be one of'],
    [['--models', 'ease,', '--k', '5'], 'must be one of'],
    [['--param', 'ease.regularization=-1'], 'parameters.regularization'],
    [['--param', 'regularization=0.5'], 'write model.name=value'],
    [['--models', 'ease', '--param', 'popularity.x=1'], '--param is for popularity, which is not compared'],
    [['--max-flops', '0'], 'a number above 0'],
  ])('refuses %j in one line', (args, message) => {
    const { status, stderr, stdout } = sparserec('leaderboard', '--data', folder, ...args);
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('names a line that is broken', () => {
    writeFileSync(join(folder, 'test.txt'), '0 1\n1 ..\n');
    const { status, stderr } = sparserec('leaderboard', '--data', folder, '--models', 'popularity');
    expect(status).not.toBe(0);
    expect(stderr).toContain('test.txt, line 2: ');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

function differencesOf({ differenceToBest }: Row): number[] {
  return Object.values(differenceToBest).map(({ mean }) => mean);
}
