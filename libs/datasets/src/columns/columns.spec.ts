import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairsOf, readDataset, type Told } from '../testing/understanding.js';
import { parseColumns, parseItemColumns, parseUserColumns } from './columns-option.js';
import { ALIASES } from './roles.js';

describe('columns', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-columns-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(text: string, told?: Told) {
    const path = join(folder, 'x.csv');
    writeFileSync(path, text);
    return readDataset(path, told);
  }

  it('are found by the best of their names, and what else could be meant is named', async () => {
    const { summary } = await read('asin,Parent ASIN,customer-id,User_ID,price\na,p,c,u,1\n');
    expect(summary.columns).toMatchObject({ user: 'User_ID', item: 'asin' });
    expect(summary.ignoredColumns).toEqual(['Parent ASIN', 'customer-id', 'price']);
    expect(summary.warnings).toEqual([
      'User_ID is taken as the user, and customer-id is ignored',
      'asin is taken as the item, and Parent ASIN is ignored',
    ]);
  });

  it('have the names that the documentation lists', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/data.md'), 'utf8');
    for (const role of [
      'user',
      'item',
      'type',
      'rating',
      'weight',
      'time',
      'label',
      'title',
      'tags',
    ] as const)
      expect(page.replace(/ +/g, ' ')).toMatch(
        new RegExp(`\\| ${role} \\| ${ALIASES[role].join(', ')}( \\||:)`),
      );
  });

  it('that say by 0 or 1 what is liked are no likes by 0', async () => {
    const { summary, interactions } = await read('user_id,item_id,liked\nada,dune,1\nada,emma,0\n');
    expect(interactions).toMatchObject([{ userId: 'ada', itemId: 'dune' }]);
    expect(summary.leftOut).toMatchObject([{ rows: 1, firstLines: [3] }]);
  });

  it('of doubtful names are read and said', async () => {
    const { summary } = await read('sessionId,itemId,value\ns,i,3\n');
    expect(summary.columns).toMatchObject({ user: 'sessionId', weight: 'value' });
    expect(summary.warnings).toEqual([
      expect.stringContaining('user is read from the column sessionId'),
      expect.stringContaining('weight is read from the column value'),
    ]);
  });

  it('can be named, by names or by numbers', async () => {
    const text = 'who,what,n\nu,i,2\n';
    const named = await read(text, { columns: 'user=who,item=what,weight=n' });
    expect(named.interactions).toMatchObject([{ userId: 'u', itemId: 'i', weight: 2 }]);
    const numbered = await read(text, { columns: 'user=1,item=2', header: true });
    expect(numbered.summary).toMatchObject({ columns: { user: 'who', item: 'what' }, interactions: 1 });
    await expect(read(text, { columns: 'user=1,item=2' })).rejects.toThrow(
      'nothing says whether the first row, who,what,n, is a header; say --header or --no-header',
    );
  });

  it('that are ignored are not read', async () => {
    const { summary } = await read('user,item,rating\nu,i,1\n', { ignoreColumns: ['rating'] });
    expect(summary).toMatchObject({ columns: { rating: null }, ignoredColumns: ['rating'], ratings: null });
  });

  it('without a header never lose the first row', async () => {
    const read_ = await read('7,8\n9,10\n', { columns: 'user=1,item=2' });
    expect(pairsOf(read_)).toEqual(['7 8', '9 10']);
    expect(read_.summary).toMatchObject({
      header: false,
      columns: { user: 1, item: 2 },
      warnings: ['there is no header, so the first row is data'],
    });
  });

  it.each<[text: string, reason: string | RegExp]>([
    ['usr_id,movieId\nu,i\n', 'no column of usr_id, movieId is understood as user (known: userId, user'],
    [
      'usr_id,movieId\nu,i\n',
      'personId and 5 more in docs/data.md) ("usr_id" is near to userId); say which by --columns user=usr_id',
    ],
    [
      'useid,itmeid\nu,i\n',
      'has no known column name; if it is a header, say which column is what by --columns user=useid,item=itmeid ("useid" is near to userId, "itmeid" is near to itemId)',
    ],
    [
      'kunde,artikel,bewertung\nu,i,5\n',
      /by --columns user=NAME,item=NAME; understood would be user \(known: userId, user, .*\) and item \(known: itemId, item, .* and 24 more in docs\/data\.md\); if it is data, say --no-header --columns user=1,item=2/,
    ],
    ['kunde,7\nu,i\n', /has no known column name; if it is data, say --no-header .*; if it is a header/],
  ])('of %j that are not understood are refused with the nearest name', async (text, reason) => {
    await expect(read(text)).rejects.toThrow(reason);
  });

  it('that are not there are refused with those that are', async () => {
    await expect(read('user,item\nu,i\n', { columns: 'user=user,item=thing' })).rejects.toThrow(
      'it has no column "thing"; it has user, item, so correct --columns',
    );
  });

  it('are explicit in the command of the summary, which says the same', async () => {
    const text = 'user;item;stars;when\nu;i;4,5;2020-01-02\nu;j;2;2020-01-03\n';
    const { summary } = await read(text);
    expect(summary.command).toBe(
      `sparserec import --data ${join(folder, 'x.csv')} --encoding utf-8 --delimiter ';' --header --columns user=user,item=item,rating=stars --ignore-columns when --scale 5`,
    );
  });

  it.each([
    ['user', '"user" names no column'],
    ['user=a,user=b', 'user is given twice'],
    ['person=a', '"person" is none of user, item'],
    ['itme=a', 'deletedAt, the nearest of which is item; write role=column, for example user=visitorid'],
  ])('given as %j are refused: %s', (text, reason) => {
    expect(() => parseColumns(text)).toThrow(reason);
  });

  it.each([
    [
      'sku=a',
      '"sku" is none of id, item, title, tags, year, available, createdAt, deletedAt, the nearest of which is id;',
    ],
    ['genre=a', 'the nearest of which is tags;'],
    ['tilte=a', 'the nearest of which is title; write role=column, for example id=sku,title=name'],
    ['createdat=a', 'the nearest of which is createdAt;'],
    ['price=a', 'createdAt, deletedAt; write'],
    ['id=a,item=b', 'item is given twice'],
  ])('of items given as %j are refused: %s', (text, reason) => {
    expect(() => parseItemColumns(text)).toThrow(reason);
  });

  it('of users are refused with the nearest name, too', () => {
    expect([...parseUserColumns('id=a,tags=b')]).toEqual([
      ['user', 'a'],
      ['tags', 'b'],
    ]);
    expect(() => parseUserColumns('trainig=a')).toThrow(
      '"trainig" is none of id, user, tags, training, personal, the nearest of which is training',
    );
  });
});
