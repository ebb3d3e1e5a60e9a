import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseItemColumns } from '../columns/columns-option.js';
import { openSources } from '../sources/open-sources.js';
import { describeSummary } from '../summary/describe.js';
import { readDataset, type Told } from '../testing/understanding.js';

const RATINGS = 'userId,movieId,rating,timestamp\n1,1,5.0,964982703\n1,2,4.5,964982703\n2,3,1.0,964982703\n';
const LINKS = 'movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497,8844\n3,0113228,\n';
/** As Kaggle has it: ids of TMDB, and genres as Python writes lists. */
const FILMS = [
  'adult,budget,genres,id,imdb_id,original_language,original_title,overview,title,vote_average',
  `False,3,"[{'id': 16, 'name': 'Animation'}, {'id': 1, 'name': ""Kids' TV""}]",862,tt0114709,en,Toy Story,"A toy, ""new""\nin town",Toy Story,7.7`,
  'False,6,[],8844,tt0113497,en,Jumanji,x,Jumanji,6.9',
  'False,0,[],2,tt0094675,fi,Ariel,x,Ariel,7.1',
  '',
].join('\n');

describe('films of TMDB', () => {
  let folder: string;
  const put = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  const read = (told?: Told) => readDataset(folder, told);
  const reasonOf = async (name: string) =>
    (await read()).summary.files.find((file) => file.name === join(folder, name))?.reason;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-films-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are the items of MovieLens by its links, and those without one are left out and counted', async () => {
    put({ 'ratings.csv': RATINGS, 'links.csv': LINKS, 'movies_metadata.csv': FILMS });
    const { items, summary } = await read();
    expect(items).toMatchObject([
      { itemId: '1', title: 'Toy Story', tags: ['Animation', "Kids' TV"], metadata: {} },
      { itemId: '2', title: 'Jumanji', tags: [] },
    ]);
    expect(summary.itemsFile).toMatchObject({
      ...{ items: 2, titles: 2, tagged: 1 },
      columns: { id: 'id', title: 'title', tags: 'genres' },
      leftOut: [{ reason: 'no row of links.csv has this id as tmdbId', rows: 1, firstLines: [5] }],
      warnings: expect.arrayContaining(['items are called movieId of links.csv, where their id is tmdbId']),
    });
    expect(summary.files.map(({ name, role }) => [name.slice(folder.length + 1), role])).toEqual([
      ['ratings.csv', 'interactions'],
      ['movies_metadata.csv', 'items'],
      ['links.csv', 'links'],
    ]);
    expect(describeSummary(summary)).toContain(`ids of items from ${join(folder, 'links.csv')}`);
  });

  it('have a title for each item that is the same film', async () => {
    put({ 'ratings.csv': RATINGS, 'links.csv': `${LINKS}7,0114709,862\n`, 'movies_metadata.csv': FILMS });
    expect((await read()).items.map(({ itemId, title }) => `${itemId} ${title}`)).toEqual([
      '1 Toy Story',
      '7 Toy Story',
      '2 Jumanji',
    ]);
  });

  it('are refused where a row is broken in two, as three of Kaggle are, or read without such rows', async () => {
    const broken = `${FILMS}False,0,[],3,tt0,en,Midnight Man,Soldiers force\n - Written by,Midnight Man,6.0\n`;
    put({ 'ratings.csv': RATINGS, 'links.csv': LINKS, 'movies_metadata.csv': broken });
    await expect(read()).rejects.toThrow(
      /movies_metadata\.csv, line 6: it has 8 cells, .* leave out such rows by --skip-invalid/,
    );
    const { items, summary } = await read({ skipInvalid: true });
    expect(items).toHaveLength(2);
    expect(summary.itemsFile!.leftOut.map(({ firstLines }) => firstLines)).toEqual([[5], [6], [7]]);
  });

  it('come with whole files and small ones, of which the whole are read', async () => {
    const small = RATINGS.split('\n').slice(0, 2).join('\n');
    put({ 'ratings.csv': RATINGS, 'ratings_small.csv': small, 'movies_metadata.csv': FILMS });
    put({ 'links.csv': LINKS, 'links_small.csv': 'movieId,imdbId,tmdbId\n9,1,862\n' });
    const { items, summary } = await read();
    expect([summary.interactions, items.map(({ itemId }) => itemId)]).toEqual([3, ['1', '2']]);
    expect(await reasonOf('ratings_small.csv')).toBe('it is a part of ratings.csv');
  });

  it('are not taken for items of MovieLens without links', async () => {
    put({ 'ratings.csv': RATINGS, 'movies_metadata.csv': FILMS });
    const { items, summary } = await read();
    expect([items, summary.titles, summary.itemsFile]).toEqual([[], 0, null]);
    expect(await reasonOf('movies_metadata.csv')).toContain('its ids are those of TMDB');
  });

  it('are the items where these are called by TMDB', async () => {
    put({ 'views.csv': 'user,tmdbId\nu,862\n', 'movies_metadata.csv': FILMS });
    expect((await read({ columns: 'item=tmdbId' })).items.map(({ itemId }) => itemId)).toEqual([
      '862',
      '8844',
      '2',
    ]);
  });

  it('leave the titles to MovieLens where it has them', async () => {
    put({ 'ratings.csv': RATINGS, 'links.csv': LINKS, 'movies_metadata.csv': FILMS });
    put({ 'movies.csv': 'movieId,title,genres\n1,Toy Story (1995),Comedy\n' });
    expect((await read()).items).toMatchObject([{ itemId: '1', title: 'Toy Story (1995)' }]);
    expect(await reasonOf('movies_metadata.csv')).toContain('several files could be the items');
  });

  it('are refused as named items of MovieLens, unless links or the caller say which they are', async () => {
    put({ 'ratings.csv': RATINGS });
    const other = mkdtempSync(join(tmpdir(), 'sparserec-films-'));
    writeFileSync(join(other, 'movies_metadata.csv'), FILMS);
    const opened = await openSources(join(other, 'movies_metadata.csv'));
    try {
      const [items] = opened.sources;
      await expect(read({ items })).rejects.toThrow(
        'movies_metadata.csv: its ids are those of TMDB, and movieId of',
      );
      const told = await read({ items, itemColumns: parseItemColumns('id=id') });
      expect(told.items.map(({ itemId }) => itemId)).toEqual(['862', '8844', '2']);
      put({ 'links.csv': LINKS });
      const linked = await read({ items });
      expect(linked.items.map(({ itemId }) => itemId)).toEqual(['1', '2']);
      expect(linked.summary.command).toContain('--item-columns title=title,tags=genres ');
      expect(told.summary.command).toContain('--item-columns id=id,title=title,tags=genres ');
      expect(linked.summary.files.map(({ role }) => role)).toEqual(['interactions', 'items', 'links']);
    } finally {
      await opened.dispose();
      rmSync(other, { recursive: true });
    }
  });
});

describe('files of a folder that are not read', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-folder-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['users.csv', 'userId,age\nu,31\n', 'it has users and no items; they are read only if --users names it'],
    ['users.csv', 'id,name,age\nu,Ann,31\n', '--users names it'],
    ['BX-Users.csv', '"User-ID";"Location";"Age"\n"u";"x";"1"\n', '--users names it'],
    ['people.jsonl', '{"user_id":"u","fans":3}\n', '--users names it'],
    ['x.user', 'user_id:token\tage:token\nu\t3\n', '--users names it'],
    ['users.dat', '1::F::1::10::48067\n', '--users names it'],
    [
      'products.csv',
      'id,name,price\ni,A,3\n',
      'whose column is called id; if those are the ids of the inter',
    ],
    ['products.jsonl', '{"id":"i","tags":["x"]}\n', 'name it by --items'],
    ['notes.csv', 'a,b\n1,2\n', 'it has neither interactions nor titles or tags of items'],
  ])('are named with what takes them: %s %j', async (name, text, reason) => {
    writeFileSync(join(folder, 'rows.csv'), 'user,item\nu,i\n');
    writeFileSync(join(folder, name), text);
    const { summary, items } = await readDataset(folder);
    expect(items).toEqual([]);
    expect(summary.files.at(-1)).toMatchObject({ role: 'ignored', reason: expect.stringContaining(reason) });
  });
});
