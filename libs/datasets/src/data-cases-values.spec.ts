import { givenCases, pairsOf, readCase } from './testing/understanding.js';

/** Each row of the table in data-cases/README.md. All are skipped without the folder ../shared/data-cases. */
describe('files as people bring them: values', () => {
  givenCases.each([
    ['recbole-label', 120, 40],
    ['recbole-mind', 1, 2],
  ])('leaves out and counts label 0 of %s', async (name, interactions, left) => {
    const { summary } = await readCase(name);
    expect(summary).toMatchObject({ interactions, likes: interactions });
    expect(summary.leftOut).toMatchObject([{ reason: 'label 0, which is no like', rows: left }]);
  });

  givenCases.each([
    ['recbole-ms', 'milliseconds', ['2020-05-05T14:08:48.923Z']],
    ['recbole-exp', 'seconds', ['2013-12-21T23:53:20.000Z', null]],
    ['recbole-exp2', 'seconds', ['2013-12-21T23:53:20.000Z']],
    ['t/exp.csv', 'seconds', ['2013-12-21T23:53:20.000Z']],
    ['t/pandas-ns.csv', 'ISO 8601', ['2014-04-07T10:51:09.277Z']],
    [
      't/local.csv',
      'ISO 8601',
      ['2023-07-01T10:00:00.000Z', '2023-07-01T10:00:00.000Z', '2023-07-01T00:00:00.000Z'],
    ],
  ])('reads the times of %s as %s', async (name, timeFormat, times) => {
    const { summary, interactions } = await readCase(name);
    expect(summary.timeFormat).toBe(timeFormat);
    expect(interactions.map(({ occurredAt }) => occurredAt?.toISOString() ?? null)).toEqual(times);
  });

  givenCases.each([
    ['t/millis.csv', 3, 'all must be in one unit'],
    ['t/ddmm.csv', 2, 'say --time-format "dd/MM/yyyy" or --time-format "MM/dd/yyyy"'],
    ['t/ddmm13.csv', 2, 'say --time-format "dd/MM/yyyy"'],
    ['t/ukdate.csv', 2, '"2023-02-30", which is no time of the format ISO 8601'],
    ['t/yyyymmdd.csv', 2, 'say --time-format yyyyMMdd'],
    ['t/year.csv', 2, 'say --time-format yyyy'],
    ['t/ms1973.csv', 2, 'for example --time-format milliseconds'],
    ['t/word.csv', 2, '"Toy Story 2", whose format is not sure; say --time-format'],
    ['t/tsarr.jsonl', 1, 'whose format is not sure'],
    ['t/nan2.csv', 2, '"NaT", which is no time'],
  ])('refuses the times of %s at line %i: %s', async (name, line, reason) => {
    const error = await readCase(name).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'import-row-invalid', extensions: { row: line } });
    expect(String(error)).toContain(reason);
  });

  givenCases('reads other dates by the format that is given', async () => {
    const british = await readCase('t/ddmm.csv', { timeFormat: 'dd/MM/yyyy' });
    expect(british.summary).toMatchObject({
      firstDate: '2023-02-05T00:00:00.000Z',
      lastDate: '2023-11-12T00:00:00.000Z',
      timeFormat: 'dd/MM/yyyy',
    });
    expect((await readCase('t/ddmm.csv', { timeFormat: 'DD/MM/YYYY' })).summary.lastDate).toBe(
      '2023-11-12T00:00:00.000Z',
    );
    const days = await readCase('t/yyyymmdd.csv', { timeFormat: 'yyyyMMdd' });
    expect(days.summary.firstDate).toBe('2023-01-15T00:00:00.000Z');
    const old = await readCase('t/ms1973.csv', { timeFormat: 'milliseconds' });
    expect(old.summary.firstDate).toBe('1973-01-04T12:53:20.000Z');
  });

  givenCases('counts undated repeats as events, and dated ones once with the first weight', async () => {
    expect((await readCase('t/repeat-undated.csv')).summary).toMatchObject({
      interactions: 3,
      repeats: 0,
      undatedRepeats: 2,
    });
    const { summary } = await readCase('t/dupkey.csv');
    expect(summary).toMatchObject({ interactions: 1, repeats: 1, repeatsOfOtherWeight: 1 });
    expect(summary.sample).toMatchObject([{ userId: 'u1', itemId: 'a', weight: 1 }]);
  });

  givenCases.each([
    ['t/nan.csv', 'weight is "nan"'],
    ['t/thousands.csv', 'weight is "1,000"'],
    ['t/decimalcomma.csv', 'weight is "4,5"'],
    ['t/w0.csv', 'weight is "0"'],
    ['t/wneg.csv', 'weight is "-2"'],
    ['t/wbig.csv', 'weight is "13883000"'],
    ['t/whex.csv', 'weight is "0x10"'],
    ['t/bool.jsonl', 'weight is "true"'],
  ])('refuses a number that is none in %s: %s', async (name, reason) => {
    await expect(readCase(name)).rejects.toThrow(reason);
  });

  givenCases('leaves out rows that cannot be stored if told so, counts and names them', async () => {
    const { summary } = await readCase('t/weights.csv', { skipInvalid: true });
    expect(summary).toMatchObject({
      interactions: 3,
      leftOut: [
        {
          reason: 'weight is …, and a weight must be a number above 0 and at most 1000000',
          rows: 2,
          firstLines: [5, 6],
        },
      ],
    });
    await expect(readCase('t/w0.csv', { skipInvalid: true })).rejects.toThrow('all rows are left out (1 row');
  });
});

describe('files as people bring them: text', () => {
  givenCases.each([
    ['t/latin1.csv', 'latin1', ['u1 café', 'u1 cafè', 'u2 cafè']],
    ['t/cp1252.jsonl', 'latin1', ['u1 café', 'u1 cafè']],
    ['t/utf16.csv', 'utf-16le', ['u1 café']],
    ['t/unicode.csv', 'utf-8', ['u1 café', 'u1 cafe\u0301']],
  ])('reads %s as %s, and no two ids as one', async (name, encoding, pairs) => {
    const read = await readCase(name);
    expect(read.summary.encoding).toBe(encoding);
    expect(pairsOf(read)).toEqual(pairs);
  });

  givenCases('obeys the encoding that is given', async () => {
    await expect(readCase('t/latin1.csv', { encoding: 'utf-8' })).rejects.toThrow(
      /line 2 is no text in utf-8/,
    );
    const read = await readCase('t/latin1.csv', { encoding: 'iso-8859-5' });
    expect(pairsOf(read)[0]).toBe('u1 cafщ');
  });

  givenCases('refuses text that is no Unicode', async () => {
    await expect(readCase('t/sur.jsonl')).rejects.toThrow(
      /sur\.jsonl, line 1: itemId must be .* well-formed/,
    );
  });

  givenCases.each([
    ['t/lf-then-crlf.csv', ['u1 a', 'u2 b']],
    ['t/crlf-then-lf.csv', ['u1 a', 'u2 b']],
    ['t/one-lf-in-crlf.csv', ['u1 a', 'u2 b', 'u3 c']],
    ['t/cr.csv', ['u1 a', 'u2 b']],
    ['t/crlf.csv', ['u1 a', 'u2 b']],
  ])('has no line end in an id of %s', async (name, pairs) => {
    expect(pairsOf(await readCase(name))).toEqual(pairs);
  });

  givenCases.each([
    ['t/dupheader.csv', 'line 1: the column itemId stands twice in the header'],
    ['t/short.csv', 'line 2: it has 2 cells, and the header has 3'],
    ['t/long.csv', 'line 2: it has 3 cells, and the header has 2'],
    ['nonexist.txt', 'no column of a is understood as user'],
  ])('refuses %s: %s', async (name, reason) => {
    await expect(readCase(name)).rejects.toThrow(reason);
  });

  givenCases.each([
    ['t/sep.csv'],
    ['t/comment.csv'],
    ['t/spacehdr.csv'],
    ['t/trailcomma.csv'],
    ['t/trailcomma2.csv'],
    ['t/blankspaces.csv'],
    ['t/emptylast.csv'],
    ['t/bom.csv'],
    ['t/bomq.csv'],
    ['t/caps.csv'],
    ['t/CAPS.CSV'],
    ['t/data.txt'],
    ['t/arr.jsonl'],
    ['t/data.json'],
    ['t/bom.jsonl'],
    ['t/extra.jsonl'],
    ['t/nullw.jsonl'],
  ])('understands %s by what is in it', async (name) => {
    expect(pairsOf(await readCase(name))).toEqual(['u1 a']);
  });

  givenCases.each([
    ['t/ok.csv.gz', 'gzip'],
    ['t/gz-as.csv', 'gzip'],
    ['t/ok.zip', 'zip'],
  ])('unpacks %s, whatever its name', async (name, packing) => {
    const read = await readCase(name);
    expect(pairsOf(read)).toEqual(['u1 a', 'u2 b']);
    expect(read.summary.files).toMatchObject([{ packing }]);
  });

  givenCases('cuts blanks around ids of tables, and counts them', async () => {
    const read = await readCase('t/spaces.csv');
    expect(pairsOf(read)).toEqual(['u1 a', 'u1 b', 'u1 b']);
    expect(read.summary.trimmedIds).toBe(3);
  });

  givenCases('takes numbers of JSON for the text of ids, and null for absent', async () => {
    expect(pairsOf(await readCase('t/num.jsonl'))).toEqual(['1 2']);
    expect((await readCase('t/nullw.jsonl')).interactions[0]).toMatchObject({ weight: 1, occurredAt: null });
  });

  givenCases('names other fields of JSON, and reads a rating by the rule', async () => {
    const { summary } = await readCase('t/extra.jsonl');
    expect(summary).toMatchObject({ columns: { rating: 'rating' }, likes: 1 });
    expect(summary.warnings).toEqual([expect.stringContaining('all ratings are equal')]);
    expect((await readCase('yelp.json')).summary.ignoredColumns).toEqual(['review_id', 'useful', 'text']);
  });

  givenCases('keeps ids byte for byte, and refuses those that cannot be', async () => {
    expect(pairsOf(await readCase('t/caseids.csv'))).toEqual(['Ada X', 'ada x']);
    const odd = await readCase('t/odd.csv', { skipInvalid: true });
    expect(pairsOf(odd)).toEqual(['u/1?x=#& ✌😀', 'a "q" b x,y', 'multi\nline z']);
    expect(odd.summary.leftOut).toMatchObject([{ rows: 1, firstLines: [6] }]);
    await expect(readCase('t/longrow.csv')).rejects.toThrow('itemId must be 1 to 512 characters');
    await expect(readCase('t/nul.csv')).rejects.toThrow(/userId must be .* without NUL/);
    await expect(readCase('t/nultail.csv')).rejects.toThrow('nultail.csv, line 3');
  });

  givenCases('keeps the case of types', async () => {
    const { summary } = await readCase('t/types.csv');
    expect(summary.types.map(({ type }) => type)).toEqual(['view', 'View', 'dislike', 'interaction']);
  });
});
