import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsrMatrix } from '#models';
import { describeSplit } from './describe-split.js';
import { readSplit, readTrainingData, type SplitData } from './read-split.js';
import type { SplitOptions } from './split-options.js';

const CASES = join(import.meta.dirname, '../../../../../shared/data-cases');
const given = existsSync(CASES) ? it : it.skip;

/** Items of each user in their order, `seen` if they were not liked; users are in the order of the rows. */
function itemsOf(matrix: CsrMatrix, itemIds: readonly string[]): string[][] {
  return Array.from({ length: matrix.numRows }, (_, user) => {
    const { indices, values } = matrix.row(user);
    return Array.from(indices, (item, at) => (values[at] === 0 ? `seen ${itemIds[item]}` : itemIds[item]!));
  });
}

function partsOf({ split, itemIds }: SplitData): { train: string[][]; test: string[][] } {
  return { train: itemsOf(split.train, itemIds), test: itemsOf(split.test, itemIds) };
}

describe('readSplit', () => {
  let folder: string;
  const put = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const read = (options: Partial<SplitOptions>) => readSplit({ seed: 1, clockTolerance: 300, ...options });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-splits-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const day = (n: number) => `2001-01-${String(n).padStart(2, '0')}`;
  const table = (rows: readonly string[]) => put('rows.csv', `user,item,rating,time\n${rows.join('\n')}\n`);
  const dated = () =>
    table([
      `ada,a,5,${day(1)}`,
      `ada,b,1,${day(2)}`,
      `ada,c,4,${day(3)}`,
      `bob,a,4,${day(1)}`,
      `bob,c,5,${day(9)}`,
      `cy,b,4,${day(9)}`,
      `ada,d,5,${day(9)}`,
      `ada,a,5,${day(9)}`,
    ]);

  it('trains on what is before a moment and tests on later likes that are new to a user with a history', async () => {
    const data = await read({ data: dated(), split: 'time', holdout: 0.4 });
    expect(partsOf(data)).toEqual({
      train: [['a', 'seen b', 'c'], ['a'], []],
      test: [['d'], ['c'], []],
    });
    expect(data.facts).toEqual({
      kind: 'time',
      holdout: 0.4,
      cut: `${day(9)}T00:00:00.000Z`,
      testInteractions: 2,
      withoutHistory: 1,
      seenBefore: 1,
    });
  });

  it('holds out the last likes of each user who has more', async () => {
    const data = await read({ data: dated(), split: 'last-n', holdout: 2 });
    expect(partsOf(data)).toEqual({
      train: [['a', 'seen b'], ['a', 'c'], ['b']],
      test: [['c', 'd'], [], []],
    });
    expect(data.facts).toEqual({ kind: 'last-n', holdout: 2, testInteractions: 2 });
  });

  it('holds out likes at random, the same ones for one seed', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `u${n % 4},i${n},${n % 5 ? 5 : 1},${day(1)}`);
    const path = table(rows);
    const [first, again, other] = [
      await read({ data: path }),
      await read({ data: path }),
      await read({ data: path, seed: 2 }),
    ];
    expect(partsOf(first)).toEqual(partsOf(again));
    expect(partsOf(first)).not.toEqual(partsOf(other));
    expect(partsOf(first).test.map((items) => items.length)).toEqual([2, 2, 2, 2]);
    expect(
      partsOf(first)
        .test.flat()
        .some((item) => item.startsWith('seen')),
    ).toBe(false);
    expect(first.facts).toEqual({ kind: 'random', holdout: 0.2, testInteractions: 8 });
  });

  it('takes out users and items with few likes before anything is held out', async () => {
    const rows = ['ada,a', 'ada,b', 'bob,a', 'bob,b', 'bob,c', 'cy,c', 'cy,a'].map(
      (pair) => `${pair},5,${day(1)}`,
    );
    const path = table([...rows, `eve,a,1,${day(1)}`, `dan,a,5,${day(1)}`, `bob,rare,5,${day(1)}`]);
    const core = await read({ data: path, kCore: 2 });
    expect([core.split.train.numRows, core.itemIds, core.facts.kCore]).toEqual([3, ['a', 'b', 'c'], 2]);
    const long = await read({ data: path, minUser: 3 });
    expect([long.split.train.numRows, long.facts.minUser]).toEqual([1, 3]);
    expect(long.itemIds).toEqual(['a', 'b', 'c', 'rare']);
  });

  it('says that nothing is left if too much is asked', async () => {
    await expect(read({ data: dated(), kCore: 9 })).rejects.toThrow(
      'no users with 9 likes and items with 9 are left; give a smaller --k-core or --min-user',
    );
  });

  it('takes files that are split as they are, and joins both parts of the training data', async () => {
    const [train, valid, test] = [
      put('a', 'ada x y\nbob y\n'),
      put('b', 'ada z\n'),
      put('c', 'bob x\nada w\n'),
    ];
    const data = await read({ train, valid, test });
    const named = (items: string[][]) => items.map((row) => [...row].sort());
    expect(named(partsOf(data).train)).toEqual([['x', 'y', 'z'], ['y']]);
    expect(named(partsOf(data).test)).toEqual([['w'], ['x']]);
    expect(named(itemsOf(data.validation!.train, data.itemIds))).toEqual([['x', 'y'], ['y']]);
    expect(named(itemsOf(data.validation!.test, data.itemIds))).toEqual([['z'], []]);
    expect(data.facts).toEqual({ kind: 'given', testInteractions: 2 });
  });

  it('finds the parts of a benchmark in its folder, unless a split is asked for', async () => {
    put('train.txt', '1 10 2\n0 2\n');
    put('test.txt', '1 3\n');
    const data = await read({ data: folder });
    expect(partsOf(data)).toEqual({ train: [['2'], ['2', '10']], test: [[], ['3']] });
    expect((await read({ data: folder, split: 'random' })).facts.kind).toBe('random');
    await expect(read({ data: folder, kCore: 2 })).rejects.toThrow(
      /split already into train.txt and test.txt; --k-core needs --split/,
    );
  });

  it.each<[string, readonly string[]]>([
    ['parts of RecBole', ['x.part1.inter', 'x.part2.inter', 'x.part3.inter']],
    ['parts of RecBole by their words', ['x.train.inter', 'x.valid.inter', 'x.test.inter']],
    ['tables', ['train.csv', 'validation.csv', 'test.csv']],
    ['tables named after the data', ['films_train.tsv', 'films_valid.tsv', 'films_test.tsv']],
  ])('takes %s of a folder for a split, and says so', async (_, names) => {
    const rows = ['ada\ta\nada\tb\nbob\ta\n', 'ada\tc\n', 'bob\tb\n'];
    const isRecBole = names[0]!.endsWith('.inter');
    const header = isRecBole ? 'user_id:token\titem_id:token' : 'user\titem';
    names.forEach((name, at) => put(name, `${header}\n${rows[at]!}`));
    const data = await read({ data: folder });
    const [train, valid, test] = names;
    expect(data.facts).toEqual({ kind: 'given', testInteractions: 1, files: { train, valid, test } });
    expect(partsOf(data)).toEqual({ train: [['a', 'b', 'c'], ['a']], test: [[], ['b']] });
    expect(itemsOf(data.validation!.train, data.itemIds)).toEqual([['a', 'b'], ['a']]);
    expect(describeSplit(data.facts)).toContain(
      `${train} for training, ${valid} for validation, ${test} for`,
    );
    const fitted = await readTrainingData({ data: folder, seed: 1, clockTolerance: 300 });
    expect(itemsOf(fitted.matrix, fitted.itemIds)).toEqual([['a', 'b'], ['a']]);
  });

  it('says that parts with other ratings have other likes, unless a rule is given', async () => {
    const written: string[] = [];
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    try {
      const rows = ['u,a,5\nu,b,3.5\n', 'u,c,4\nu,d,3\n'];
      const [train, test] = ['train.csv', 'test.csv'].map((name, at) =>
        put(name, `user,item,rating\n${rows[at]!}`),
      );
      await read({ train: train!, test: test!, minRating: 4 });
      expect(written.join('')).toBe('');
      await read({ train: train!, test: test! });
      expect(written.join('')).toBe(
        'Not the same are likes in all parts: ratings from 3.5 of 5 on of train.csv, ratings from 4 of 5 on of test.csv. --scale or --min-rating says one rule for all\n',
      );
    } finally {
      write.mockRestore();
    }
  });

  it('takes the halves of MovieLens for a split, and refuses a core of them', async () => {
    put('u1.base', '1\t10\t5\t978350400\n1\t11\t5\t978350400\n2\t10\t4\t978350400\n');
    put('u1.test', '2\t11\t4\t978350400\n');
    const data = await read({ data: folder });
    expect(partsOf(data)).toEqual({ train: [['10', '11'], ['10']], test: [[], ['11']] });
    await expect(read({ data: folder, kCore: 2 })).rejects.toThrow(
      /split already into u1\.base and u1\.test; --k-core needs --split/,
    );
    for (const name of ['u2.base', 'u2.test']) put(name, '1\t10\t5\t978350400\n');
    await expect(read({ data: folder })).rejects.toThrow(
      /\(u1\.base, u1\.test, u2\.base, u2\.test\); .* evaluate takes one split by --train and --test$/,
    );
  });

  it.each<[string, Partial<SplitOptions>, readonly string[]]>([
    ['four parts', {}, ['x.part1.inter', 'x.part2.inter', 'x.part3.inter', 'x.part4.inter']],
    ['two parts', {}, ['x.part1.inter', 'x.part2.inter']],
    ['shards', {}, ['rows-1.csv', 'rows-2.csv']],
    ['a split that is to be split anew', { split: 'random' }, ['u1.base', 'u1.test']],
  ])('says that %s are read as one, and what else can be said', async (_, options, names) => {
    const header = { base: '', test: '', inter: 'user_id:token\titem_id:token\n', csv: 'user\titem\n' };
    names.forEach((name, at) => {
      const ending = name.split('.').at(-1) as keyof typeof header;
      const rest = header[ending] === '' ? '\t5\t978350400' : '';
      put(name, `${header[ending]}${at}\t1${rest}\n${at}\t2${rest}\n`);
    });
    const { facts } = await read({ data: folder, ...options });
    expect(facts).toMatchObject({ kind: 'random', joined: names });
    expect(describeSplit(facts)).toContain(
      `${names.length} files are read as one data set: ${names.join(', ')}. If they are split already, give them by --train, --valid and --test\n`,
    );
  });

  given.each([['biguser', 2, ['1', '2', '3', '4']]])(
    'has as many rows as there are users in %s, whatever their ids',
    async (name, users, items) => {
      const [train, test] = ['train', 'test'].map((part) => join(CASES, `${name}-${part}.txt`));
      const { split, itemIds } = await read({ train: train!, test: test! });
      expect([split.train.numRows, split.train.numCols, itemIds]).toEqual([users, items.length, items]);
    },
  );

  given.each([
    ['strid-train.txt', ['film-1', 'film-2']],
    ['zero-train.txt', ['440', '730']],
    ['comma-train.txt', ['1', '2', '3']],
    ['epinions.txt', null],
  ])('reads ids of %s as names', async (name, items) => {
    const { matrix, itemIds } = await readTrainingData({
      train: join(CASES, name),
      seed: 1,
      clockTolerance: 300,
    });
    if (items) expect(itemIds).toEqual(items);
    expect(matrix.numCols).toBe(itemIds.length);
  });

  given('reads parts of RecBole that are given one by one', async () => {
    const part = (n: number) => join(CASES, 'recbole-parts', `ml-x.part${n}.inter`);
    const data = await read({ train: part(1), valid: part(2), test: part(3) });
    expect(data.facts.kind).toBe('given');
    expect(data.split.train.nnz + data.split.test.nnz).toBeGreaterThan(data.validation!.train.nnz);
  });

  it.each<[Partial<SplitOptions>, string]>([
    [{}, 'give --data, or --train and --test'],
    [{ train: 'a' }, 'give --data, or --train and --test'],
    [{ data: 'a', train: 'b' }, 'give either --data or --train'],
    [{ data: 'a', test: 'b' }, 'give either --data or --test'],
    [{ train: 'a', test: 'b', kCore: 3 }, '--k-core is for --data; files are split already'],
    [
      { data: 'a', split: 'last-n', holdout: 0.2 },
      '--holdout is a number of likes with --split last-n, and else a share',
    ],
    [{ data: 'a', holdout: 2 }, '--holdout is a number of likes with --split last-n, and else a share'],
    [{ train: '-', test: '-' }, '--train and --test are both standard input, which can be read once only'],
  ])('refuses %j', async (options, message) => {
    await expect(read(options)).rejects.toThrow(message);
  });
});
