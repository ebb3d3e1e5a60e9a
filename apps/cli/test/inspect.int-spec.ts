import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparserec, sparserecTold } from './sparserec.js';

describe('sparserec inspect', () => {
  let folder: string;
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-inspect-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints one JSON object with what was understood', () => {
    const path = put(
      'ratings.csv',
      'user_id;book;stars;when;note\nu1;b1;4,5;2020-01-02;x\nu1;b2;1;2020-01-03;\nu2;b1;0;2020-01-04;\n',
    );
    const { status, stdout } = sparserec(
      'inspect',
      '--data',
      path,
      '--columns',
      'item=book,time=when',
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'csv',
      delimiter: ';',
      encoding: 'utf-8',
      columns: { user: 'user_id', item: 'book', type: null, weight: null, rating: 'stars', time: 'when' },
      ignoredColumns: ['note'],
      timeFormat: 'ISO 8601',
      firstDate: '2020-01-02T00:00:00.000Z',
      lastDate: '2020-01-03T00:00:00.000Z',
      users: 1,
      items: 2,
      interactions: 2,
      likes: 1,
      lowRatings: 1,
      repeats: 0,
      leftOut: [{ reason: 'not rated', rows: 1, firstLines: [4] }],
      titles: 0,
      sample: [
        {
          userId: 'u1',
          itemId: 'b1',
          type: 'interaction',
          weight: 1,
          occurredAt: '2020-01-02T00:00:00.000Z',
        },
        { userId: 'u1', itemId: 'b2', type: 'low-rating', weight: 1, occurredAt: '2020-01-03T00:00:00.000Z' },
      ],
    });
  });

  it('says the same in words', () => {
    const path = put('views.tsv', 'user\titem\ttype\nu1\ta\tview\nu1\tb\tbuy\nu2\ta\tview\n');
    const { stdout } = sparserec('inspect', '--data', path);
    expect(stdout).toBe(
      [
        'Format: tsv, cells apart by tab, with a header, utf-8',
        `  interactions from ${path}`,
        'Columns: user=user, item=item, type=type',
        '2 users, 2 items, 3 interactions (75 % of all pairs)',
        'A user has 1.5 interactions (median), at most 2; 2 items with fewer than 5',
        'Types: view 2, buy 1',
        'The first rows, as they are stored:',
        '  user "u1", item "a", view, weight 1, no time',
        '  user "u1", item "b", buy, weight 1, no time',
        '  user "u2", item "a", view, weight 1, no time',
        'The same, said explicitly:',
        `  sparserec import --data ${path} --encoding utf-8 --delimiter $'\\t' --header --columns user=user,item=item,type=type`,
        '',
      ].join('\n'),
    );
  });

  it('reads standard input', () => {
    const { status, stdout } = sparserecTold('user,item\nu,i\n', 'inspect', '--data', '-', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ interactions: 1, files: [{ name: 'standard input' }] });
  });

  it.each([
    ['x,y\n1,2\n', [], 'x.csv: its first row, x,y, has no known column name'],
    ['user,item,weight\nu,i,-1\n', [], 'x.csv, line 2: weight is "-1"'],
    ['user,item\n', [], 'there is nothing to learn from'],
    ['user,item\nu,i\n', ['--columns', 'item=thing'], 'it has no column "thing"'],
  ])('refuses %j %j with exit 2 and one line that says where and what to do', (text, options, reason) => {
    const { status, stdout, stderr } = sparserec('inspect', '--data', put('x.csv', text), ...options);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
