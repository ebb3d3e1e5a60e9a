import { join } from 'node:path';
import { DATA_CASES, givenCases, pairsOf, readCase } from './testing/understanding.js';

/** Each row of the table in data-cases/README.md. All are skipped without the folder ../shared/data-cases. */
describe('files as people bring them: formats', () => {
  givenCases('reads titles of MovieLens in Latin-1 and in UTF-8, and names the encoding', async () => {
    const [latin, utf8, latest] = [
      await readCase('ml-1m'),
      await readCase('ml-10m'),
      await readCase('ml-latest'),
    ];
    expect(latin.items.map(({ title }) => title)).toEqual(['Café Zwölf (1975)', 'Plain (1996)']);
    expect(latin.summary).toMatchObject({ format: 'movielens', delimiter: '::', encoding: 'latin1' });
    expect(utf8.items.map(({ title }) => title)).toEqual(['Café Zwölf (1995)', '君の名は (2016)']);
    expect(utf8.summary).toMatchObject({ encoding: 'utf-8', likes: 1, lowRatings: 1, titles: 2 });
    expect(latest.items).toEqual([
      expect.objectContaining({ title: 'Some, Film (1995)', tags: ['Drama', 'Comedy'] }),
      expect.objectContaining({ title: 'He said "Hi" (1941)', tags: [] }),
    ]);
    expect(latest.summary).toMatchObject({ likes: 2, lowRatings: 1, ratings: { scale: 5, likedFrom: 3.5 } });
  });

  givenCases('reads MovieLens 100K with titles', async () => {
    const { summary, items } = await readCase('ml-100k');
    expect(summary).toMatchObject({
      format: 'movielens',
      columns: { user: 1, item: 2, rating: 3, time: 4 },
      titles: 2,
      timeFormat: 'seconds',
    });
    expect(items[0]).toMatchObject({ itemId: '242', title: 'Kol (1996)', metadata: { year: 1996 } });
  });

  givenCases('understands other spellings of columns, and refuses a time that is none', async () => {
    await expect(readCase('t/snake.csv')).rejects.toThrow(
      /snake\.csv, line 2: timestamp is "1".*--time-format seconds/,
    );
    const { summary } = await readCase('t/snake.csv', { timeFormat: 'seconds' });
    expect(summary.columns).toMatchObject({ user: 'user_id', item: 'item_id', time: 'timestamp' });
    expect(summary.firstDate).toBe('1970-01-01T00:00:01.000Z');
  });

  givenCases.each([
    ['amazon-ratings-only.csv', 'user=1,item=2,rating=3,time=4', 2],
    ['taobao', 'user=1,item=2,type=4,time=5', 2],
    ['steam200k.csv', 'user=1,item=2,type=3,weight=4', 2],
    ['t/noheader.csv', 'user=1,item=2', 2],
    ['lastfm360k.tsv', 'user=1,item=2,weight=4', 2],
    ['gowalla.txt', 'user=1,item=5,time=2', 2],
  ])('refuses %s, which has no header, with the columns that read it: %s', async (name, columns, rows) => {
    await expect(readCase(name)).rejects.toThrow(`--no-header --columns ${columns};`);
    const { summary } = await readCase(name, { columns, header: false });
    expect(summary).toMatchObject({ header: false, interactions: rows });
  });

  givenCases.each([
    ['amazon-reviews.jsonl', { user: 'reviewerID', item: 'asin', rating: 'overall', time: 'unixReviewTime' }],
    ['yelp.json', { user: 'user_id', item: 'business_id', rating: 'stars', time: 'date' }],
    ['hm', { user: 'customer_id', item: 'article_id', time: 't_dat' }],
    ['retailrocket', { user: 'visitorid', item: 'itemid', type: 'event', time: 'timestamp' }],
    ['recbole-user-id-case', { user: 'userId', item: 'itemId' }],
    ['recbole-lastfm', { user: 'user_id', item: 'artist_id', weight: 'weight' }],
  ])('understands the columns of %s by their names', async (name, columns) => {
    expect((await readCase(name)).summary.columns).toMatchObject(columns);
  });

  givenCases('keeps zeros of ids, and reads days and parts of dates', async () => {
    const { interactions } = await readCase('hm');
    expect(interactions[0]).toMatchObject({
      userId: '000058a1',
      itemId: '0663713001',
      occurredAt: new Date('2018-09-20'),
    });
    const { interactions: rated, summary } = await readCase('hetrec-ml');
    expect(rated[0]!.occurredAt).toEqual(new Date('2006-10-29T23:17:16Z'));
    expect(summary.columns.time).toBe('date_year+date_month+date_day+date_hour+date_minute+date_second');
  });

  givenCases('finds and names the semicolon, Latin-1 and the decimal comma', async () => {
    const books = await readCase('bookcrossing');
    expect(books.summary).toMatchObject({
      delimiter: ';',
      encoding: 'latin1',
      leftOut: [{ reason: 'not rated', rows: 1, firstLines: [2] }],
      likes: 1,
    });
    expect(books.items[0]!.title).toBe('Café');
    expect((await readCase('diginetica')).summary).toMatchObject({
      delimiter: ';',
      columns: { user: 'userId' },
    });
    expect((await readCase('t/semicolon.csv')).interactions[0]!.weight).toBe(4.5);
  });

  givenCases('has no quotes in TSV, and refuses an open one at the line where it opens', async () => {
    const plays = await readCase('lastfm360k.tsv', { columns: 'user=1,item=3,weight=4' });
    expect(plays.interactions[0]).toMatchObject({ itemId: 'betty "b" x', weight: 2137 });
    await expect(readCase('t/quoteopen2.csv')).rejects.toThrow(
      'quoteopen2.csv, line 2: a quote (") opens a cell here and is never closed',
    );
  });

  givenCases.each([['epinions.txt'], ['pairs-with-small-time.txt']])(
    'refuses %s, which can be ratings or lists of items, with both ways to read it',
    async (name) => {
      await expect(readCase(name)).rejects.toThrow(
        'say --columns user=1,item=2,rating=3 or --format train.txt',
      );
      const asRatings = await readCase(name, { columns: 'user=1,item=2,rating=3' });
      expect(asRatings.interactions[0]).toMatchObject({ userId: '1', itemId: '100' });
      const asLists = await readCase(name, { format: 'train.txt' });
      expect(pairsOf(asLists).slice(0, 2)).toEqual(
        name === 'epinions.txt' ? ['1 100', '1 1'] : ['1 100', '1 5'],
      );
    },
  );

  givenCases('reads benchmark files as ever, and mentions what lies beside', async () => {
    const { summary, interactions } = await readCase('lightgcn');
    expect(summary).toMatchObject({ format: 'train.txt', users: 2, items: 4, interactions: 5 });
    expect(interactions[0]).toMatchObject({ userId: '0', itemId: '0', occurredAt: null });
    const ignored = summary.files.filter(({ role }) => role === 'ignored');
    expect(ignored.map(({ name }) => name)).toEqual(
      ['item_list.txt', 'test.txt', 'user_list.txt'].map((name) => join(DATA_CASES, 'lightgcn', name)),
    );
    expect(pairsOf(await readCase('crlf-train.txt'))).toEqual(['0 1', '0 2', '1 2', '1 3', '2 1', '2 3']);
    expect(pairsOf(await readCase('bom-train.txt'))).toEqual(['0 1', '0 2', '1 2', '1 3']);
  });

  givenCases('takes the ids of benchmark files for names', async () => {
    expect(pairsOf(await readCase('strid-train.txt'))).toEqual(['ada film-1', 'ada film-2']);
    expect(pairsOf(await readCase('comma-train.txt'))).toEqual(['0 1', '0 2', '1 2', '1 3']);
    expect(pairsOf(await readCase('zero-train.txt'))).toEqual(['076561 730', '076561 440']);
    expect((await readCase('biguser-train.txt')).summary).toMatchObject({ users: 2, items: 4 });
  });

  givenCases.each([['emptytrain.txt'], ['t/empty.csv'], ['t/headeronly.csv']])(
    'refuses %s, since there is nothing to learn from',
    async (name) => {
      await expect(readCase(name)).rejects.toThrow('there is nothing to learn from');
    },
  );

  givenCases('reads parts as one, and items beside interactions', async () => {
    const parts = await readCase('recbole-parts');
    expect(pairsOf(parts)).toEqual(['u1 a', 'u2 b', 'u3 c']);
    expect(parts.items.map(({ title }) => title)).toEqual(['Alpha', 'Beta', 'Gamma']);
    const two = await readCase('two-csv');
    expect(pairsOf(two)).toEqual(['u1 a', 'u2 b']);
    expect(two.summary.titles).toBe(1);
  });

  givenCases('refuses a folder of several that could be meant, and names them', async () => {
    await expect(readCase('.')).rejects.toThrow(
      /several files could be the interactions \(.*comma-train\.txt/,
    );
  });

  givenCases('reads RecBole with blanks for tabs, and tags as they are written', async () => {
    expect((await readCase('recbole-spaces')).summary).toMatchObject({ format: 'recbole', delimiter: ' ' });
    const yelp = await readCase('recbole-yelp');
    expect(yelp.items[0]).toMatchObject({ title: 'My Place', tags: ['Food', 'Ice Cream & Yogurt'] });
    const amazon = await readCase('recbole-amazon');
    expect(amazon.items[0]!.tags).toEqual(['Books', 'Children & Young']);
  });

  givenCases('cuts an item that is too long, and counts and names it', async () => {
    const title = await readCase('recbole-longtitle');
    expect(title.items[0]!.title).toHaveLength(1_024);
    expect(title.summary.cutItems).toEqual([
      { reason: 'the title is cut at 1024 characters', rows: 1, firstLines: [2] },
    ]);
    const tags = await readCase('recbole-manytags');
    expect(tags.items[0]!.tags).toHaveLength(64);
    expect(tags.summary.cutItems).toMatchObject([{ rows: 1, firstLines: [2] }]);
  });

  givenCases('names the line of a refused time', async () => {
    await expect(readCase('stale/A')).rejects.toThrow(/x\.inter, line 3: timestamp is "broken"/);
  });
});
