import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetSummary, ItemsSummary, UsersSummary } from '#datasets';
import { inspectCommand } from './inspect.command.js';

const CASES = join(import.meta.dirname, '../../../../shared/data-cases');
const given = existsSync(CASES) ? it : it.skip;

/** What the command prints on standard output, without a process of its own. */
async function inspect(...args: readonly string[]): Promise<string> {
  return printed('--json', ...args);
}

async function printed(...args: readonly string[]): Promise<string> {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    const command = inspectCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await command.parseAsync([...args], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return written.join('');
}

/** The words of a command as a shell has them, without the first two. */
function argumentsOf(command: string): string[] {
  const script = `printf '%s\\0' ${command}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(2, -1);
}

/** Runs the command that a summary has, and compares the whole summaries but for doubts that it dispels. */
async function expectSameByCommand(...args: readonly string[]): Promise<DatasetSummary> {
  const { warnings: _, ...summary } = JSON.parse(await inspect(...args)) as DatasetSummary;
  expect(JSON.parse(await inspect(...argumentsOf(summary.command)))).toMatchObject(summary);
  return { ...summary, warnings: [] };
}

describe('inspectCommand', () => {
  it.each([
    [['--columns', 'user'], '"user" names no column'],
    [['--time-format', 'QWERTY'], 'is no time format'],
    [['--encoding', 'klingon'], 'is no encoding'],
    [['--scale', '-1'], 'write a number above 0'],
    [['--type-weight', 'view=0'], 'must be a number above 0'],
    [['--type-weight', 'view=1,view=2'], 'view is given twice'],
    [['--type-weight', '=2'], 'write type=weight'],
    [['--min-rating', '3', '--rating-as-weight'], 'cannot be used with'],
    [['--format', 'word'], 'Allowed choices are csv, tsv'],
    [['--clock-tolerance', '-1'], 'write a whole number of seconds'],
    [['--item-columns', 'sku=a'], 'none of id, item, title, tags, year, available, createdAt, deletedAt'],
    [['--item-columns', 'id=a'], '--item-columns is of the file that --items names'],
    [['--user-columns', 'id=a'], '--user-columns is of the file that --users names'],
    [['--items', '-', '--users', '/dev/stdin'], '--items and --users are both standard input'],
  ])('refuses the options %j: %s', async (options, reason) => {
    await expect(inspect('--data', 'x.csv', ...options)).rejects.toThrow(reason);
  });

  given.each([
    ['ml-latest', []],
    ['ml-1m', []],
    ['ml-100k', []],
    ['bookcrossing', []],
    ['lightgcn', []],
    ['hetrec-ml', []],
    ['recbole-label', []],
    ['recbole-parts', []],
    ['recbole-spaces', []],
    ['retailrocket', []],
    ['t/utf16.csv', []],
    ['t/num.jsonl', []],
    ['t/ok.zip', []],
    ['t/ddmm.csv', ['--time-format', 'dd/MM/yyyy']],
    ['t/weights.csv', ['--skip-invalid']],
    ['t/types.csv', ['--type-weight', 'view=1,View=2']],
    ['ml-10m', ['--rating-as-weight']],
    ['ml-10m', ['--min-rating', '2']],
    ['bookcrossing', ['--unrated', 'like', '--all-ratings-positive']],
    ['steam200k.csv', ['--no-header', '--columns', 'user=1,item=2,type=3,weight=4']],
    ['epinions.txt', ['--columns', 'user=1,item=2,rating=3']],
    ['epinions.txt', ['--format', 'train.txt']],
  ])('prints for %s %j a command that says the same (skipped without the data)', async (name, options) => {
    await expectSameByCommand('--data', join(CASES, name), ...options);
  });

  describe('of a folder prints a command that says the same of all its files', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-inspect-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it.each<[kind: string, files: Readonly<Record<string, string>>, options?: readonly string[]]>([
      [
        'with an ignored column that items have',
        {
          'rows.csv': 'user,item,title,place\nu,i,A,x\n',
          'items.csv': 'itemId,title\ni,A\n',
        },
      ],
      [
        'with times in seconds, and dates of items in milliseconds',
        {
          'rows.csv': 'user,item,timestamp\nu,i,1714521600\n',
          'items.csv': 'itemId,title,createdAt\ni,A,1714521600000\n',
        },
      ],
      [
        'with two columns that could be the item of items',
        {
          'ratings.csv': 'user_id,book_id,rating\nu,1,5\n',
          'books.csv': 'isbn,book_id,title\n99,1,A\n',
        },
      ],
      [
        'with files that are no tables, and of other encodings and delimiters',
        {
          'rows.csv': 'user,item\nu,i\nu,j\n',
          'items.csv': 'item;name;tags\ni;A;x|y\n',
          'other.txt': 'some words\n',
          README: 'words\n',
        },
      ],
      [
        'of MovieLens without headers',
        {
          'u.data': '1\t2\t3\t978350400\n',
          'u.item': `2|A (1996)|24-Jan-1997||http://x|${'0|'.repeat(18)}1\n`,
          'u.genre': 'unknown|0\nAction|1\n',
          'u.occupation': 'student\nother\n',
          'u.info': '943 users\n1682 items\n',
        },
      ],
      [
        'with the user of each order in a file of its own',
        {
          'orders.csv': 'order_id,user_id,eval_set\n1,7,prior\n2,8,train\n',
          'order_products__prior.csv': 'order_id,product_id,reordered\n1,5,0\n',
          'order_products__train.csv': 'order_id,product_id,reordered\n2,5,0\n2,6,1\n',
          'products.csv': 'product_id,product_name,aisle_id\n5,Soap,1\n6,Salt,2\n',
          'aisles.csv': 'aisle_id,aisle\n1,bath\n2,food\n',
        },
      ],
      [
        'with ignored columns as told',
        {
          'rows.csv': 'user,item,rating\nu,i,5\n',
          'items.csv': 'item,name,year\ni,A,1990\n',
        },
        ['--ignore-columns', 'rating,name'],
      ],
      [
        'with items whose dates alone need a format',
        {
          'rows.csv': 'user,item\nu,i\n',
          'items.csv': 'item,name,createdAt\ni,A,31/12/2020\n',
        },
        ['--time-format', 'dd/MM/yyyy'],
      ],
    ])('%s', async (_, files, options = []) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const summary = await expectSameByCommand('--data', folder, ...options);
      expect(summary.files.filter(({ role }) => role === 'items')).toHaveLength(1);
    });

    it.each([
      ['latin1', 'latin1'],
      ['iso-8859-1', 'latin1'],
      ['windows-1252', 'windows-1252'],
    ])('in %s as told', async (told, encoding) => {
      const rows = join(folder, 'rows.csv');
      writeFileSync(rows, Buffer.from('user,item\nu,caf\xe9 \x80\n', 'latin1'));
      const summary = await expectSameByCommand('--data', rows, '--encoding', told);
      expect(summary).toMatchObject({ encoding, sample: [{ itemId: 'caf\u00e9 \u20ac' }] });
      expect(summary.command).toContain(`--encoding ${encoding} `);
    });

    it('with items and a clock as told', async () => {
      const [rows, items] = [join(folder, 'rows.csv'), join(folder, 'it 1.csv')];
      writeFileSync(rows, `user,item,title,time\nu,i,A,${new Date(Date.now() + 3_600_000).toISOString()}\n`);
      writeFileSync(items, Buffer.from('id;title;brand\ni;Kolya \xe9;B\n', 'latin1'));
      const summary = await expectSameByCommand(
        ...['--data', rows, '--items', items, '--clock-tolerance', '7200'],
      );
      expect(summary).toMatchObject({ titles: 1, encoding: 'latin1' });
      expect(summary.command).toContain(
        `--items '${items}' --clock-tolerance 7200 --item-columns id=id,title=title`,
      );
      expect(summary.itemsFile).toMatchObject({
        ...{ encoding: 'latin1', delimiter: ';', items: 1, titles: 1, metadataColumns: ['brand'] },
        sample: [{ itemId: 'i', title: 'Kolya \u00e9', metadata: { brand: 'B' } }],
      });
    });

    it('with columns of items and of users as told', async () => {
      const [rows, items, users] = ['rows.csv', 'items.csv', 'users.csv'].map((name) => join(folder, name));
      writeFileSync(rows!, 'user,item\nu,i\n');
      writeFileSync(items!, 'id,code,label,added\n1,i,A,2024-05-01\n2,j,,2024-05-02\n');
      writeFileSync(users!, 'who,groups,age\nu,x|y,31\n');
      const summary = (await expectSameByCommand(
        ...['--data', rows!, '--items', items!, '--item-columns', 'id=code,title=label,createdAt=added'],
        ...['--users', users!, '--user-columns', 'id=who,tags=groups'],
      )) as DatasetSummary & { readonly usersFile: UsersSummary };
      expect(summary).toMatchObject({
        itemsFile: {
          columns: { id: 'code', title: 'label', createdAt: 'added' },
          ...{ items: 2, titles: 1, dated: 2, firstDate: '2024-05-01T00:00:00.000Z' },
        },
        usersFile: { columns: { id: 'who', tags: 'groups' }, users: 1, tagged: 1 },
      });
      expect(summary.command).toContain('--user-columns id=who,tags=groups');
    });
  });

  describe('of items or users alone', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-inspect-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const put = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const items = () => put('it 1.csv', 'sku;name;price;added\na;A;1;01/05/2024\nb;;2;\nb;B;3;\n');
    const users = () => put('users.csv', 'id,groups,training\nu,x,false\n');
    const told = () => ['--items', items(), '--item-columns', 'createdAt=added'];

    it.each<[args: () => readonly string[]]>([
      [() => [...told(), '--time-format', 'dd/MM/yyyy', '--ignore-columns', 'price']],
      [() => ['--items', items(), '--users', users(), '--user-columns', 'tags=groups']],
      [() => ['--users', users()]],
    ])('prints a command that says the same', async (args) => {
      const { warnings: _, ...summary } = JSON.parse(await inspect(...args())) as ItemsSummary;
      expect(JSON.parse(await inspect(...argumentsOf(summary.command)))).toMatchObject(summary);
    });

    it('prints one object, with what comes besides as a member', async () => {
      const both = JSON.parse(await inspect('--items', items(), '--users', users()));
      expect(both).toMatchObject({
        ...{ delimiter: ';', items: 2, repeats: 1, titles: 2, metadataColumns: ['price', 'added'] },
        usersFile: { users: 1, noTraining: 1, metadataColumns: ['groups'] },
      });
      expect(JSON.parse(await inspect('--users', users()))).toEqual(both.usersFile);
    });

    it('says it in words', async () => {
      const text = await printed('--items', items(), '--users', users());
      expect(text).toContain('2 items, 2 with a title, 0 with tags');
      expect(text).toContain('1 user, 0 with tags, 1 who say no to training');
      expect(text).toMatch(/\n {2}sparserec import --items '.*it 1\.csv' --users .* --user-columns id=id/);
    });

    it('refuses to inspect nothing, and a folder', async () => {
      await expect(inspect()).rejects.toThrow('give --data, --items or --users');
      users();
      await expect(inspect('--items', folder)).rejects.toThrow('it is a folder; name one file by --items');
    });
  });
});
