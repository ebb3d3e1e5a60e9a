import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources } from './sources/open-sources.js';
import { readDataset, type Told } from './testing/understanding.js';
import { understandItems } from './understand-items.js';
import { understandUsers } from './understand-users.js';

const SKIP = 'leave out such rows by --skip-invalid';
const leaving = (column: string) => `${SKIP} or leave the column out by --ignore-columns ${column}`;

describe('a refusal of a row', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-refused-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (text: string, name = 'x.csv') => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const read = (text: string, told?: Told) => readDataset(put(text), told);
  const weights = ['0', '-1', '1e9', '0x10', 'NaN'];

  it.each<[text: string, refusal: string, told?: Told]>([
    ...weights.map((weight): [string, string] => [
      `user,item,weight\nu,i,${weight}\n`,
      `line 2: weight is "${weight}", and a weight must be a number above 0 and at most 1000000; correct it, ${leaving('weight')}`,
    ]),
    [
      'user,item,times seen\nu,i,"1,000"\n',
      `times seen is "1,000", and a weight must be a number above 0 and at most 1000000; correct it, write it with a decimal point and nothing between thousands, ${leaving('"times seen"')}`,
      { columns: 'user=user,item=item,weight=times seen' },
    ],
    [
      'u,i,none\n',
      `column 3 is "none", and a weight must be a number above 0 and at most 1000000; correct it, ${leaving('3')}`,
      { columns: 'user=1,item=2,weight=3', header: false },
    ],
    [
      'user,item,rating\nu,i,none\nu,j,none\n',
      `rating is "none", and a rating must be a number; correct it, say --columns type=rating if it is the type of an interaction, ${leaving('rating')}`,
    ],
    [
      'user,item,rating\nu,i,-1\nu,j,9\n',
      `rating is "-1", and a rating must be a number from 0 to 10; correct it, say --min-rating with the rating from which on one is a like, --all-ratings-positive if each is one, ${leaving('rating')}`,
    ],
    [
      'user,item,rating\nu,i,7\n',
      `from 0 to 5; correct it, say --scale with the largest rating that there can be, ${leaving('rating')}`,
      { scale: 5 },
    ],
    ['user,item,label\nu,i,2\n', `a label must be 0 or 1; correct it, ${leaving('label')}`],
    ['user,item,type\nu,i,..\n', leaving('type')],
    ['user,item,date\nu,i,2020-02-30\n', leaving('date')],
    ['user,item,date\nu,i,2020-02-03\nu,j,1580688000\n', leaving('date')],
    ['user,item,date\nu,i,2150-02-03\n', 'is its time zone right? Correct it, leave out such rows by'],
    [
      'user,item,date_year,date_month,date_day\nu,i,2020,13,1\n',
      'leave the columns out by --ignore-columns date_year,date_month,date_day',
    ],
    [
      'user,item\nu\n',
      `the header has 2; correct it, say --delimiter if something else stands between cells or ${SKIP}`,
    ],
    ['user,item\nu,i,j\n', `it has 3 cells, and the header has 2; correct it, say --delimiter`],
    ['user,item\nu,\n', `item is missing; correct it or ${SKIP}`],
    ['user,item\nu,a\0b\n', `correct it or ${SKIP}`],
    ['{"user":"u","item":"\\ud800"}\n', `correct it or ${SKIP}`],
    ['{"user":"u","item":"i"}\n{"user"\n', `correct it or ${SKIP}`],
  ])('of %j says what to do', async (text, refusal, told = {}) => {
    await expect(read(text, told)).rejects.toThrow(refusal);
  });

  it('is not in the reason of a row that is left out', async () => {
    const { summary } = await read('user,item,weight\nu,i,1\nu,j,0\n', { skipInvalid: true });
    expect(summary.leftOut).toMatchObject([
      { reason: 'weight is …, and a weight must be a number above 0 and at most 1000000' },
    ]);
  });

  it.each([
    ['id,available\na,perhaps\n', leaving('available')],
    ['{"id":"a","title":"\\ud800"}\n', leaving('title')],
    ['id,created\na,2020-02-30\n', leaving('created')],
    ['id,title\n,A\n', `correct it or ${SKIP}`],
  ])('says it of items too: %j', async (text, refusal) => {
    const { sources } = await openSources(put(text));
    await expect(understandItems(sources[0]!, { clockToleranceSeconds: 300 })).rejects.toThrow(refusal);
  });

  it('says it of users too', async () => {
    const { sources } = await openSources(put('id,training\na,perhaps\n'));
    await expect(understandUsers(sources[0]!, {})).rejects.toThrow(leaving('training'));
  });

  it.each([['minRating'], ['allRatingsPositive']])('is none of ratings below 0 with %s', async (option) => {
    const rule = option === 'minRating' ? { minRating: 3 } : { allRatingsPositive: true };
    const { summary } = await read('user,item,rating\nu,i,-1\nu,j,9\n', rule);
    expect([summary.likes, summary.lowRatings]).toEqual(option === 'minRating' ? [1, 1] : [2, 0]);
  });
});
