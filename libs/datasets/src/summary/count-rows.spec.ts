import fc from 'fast-check';
import type { DatasetOptions } from '../dataset.js';
import { asInteractions, type MappedTable } from '../formats/choose-tables.js';
import { openTable } from '../formats/open-table.js';
import { ColumnSurvey, type Survey } from '../survey.js';
import { bytesSource, refusalOf } from '../testing/reading.js';
import { countRows, surveyAndCount } from './count-rows.js';
import type { RowCounts } from './row-counts.js';

const OPTIONS: DatasetOptions = { clockToleranceSeconds: 300, now: new Date('2026-11-01T00:00:00Z') };
const NO_COLUMNS = { columns: new Map(), ignoreColumns: [] };
/** Rows that fill several pieces of text. */
const MANY = 4_000;

async function tableOf(text: string): Promise<MappedTable> {
  const chunks = text.match(/[^]{1,20000}/g)!.map((part) => Buffer.from(part));
  const table = await openTable(bytesSource(...chunks), NO_COLUMNS);
  return asInteractions(table, NO_COLUMNS)!;
}

interface Told {
  readonly survey: Omit<Survey, 'rules'>;
  readonly rating: unknown;
  readonly timeFormat: string | undefined;
  readonly counts: unknown;
}

function told({ rules, ...survey }: Survey, counts: RowCounts): Told {
  const { rating, time } = rules;
  const { refused } = counts;
  return {
    ...{ survey, rating, timeFormat: time?.format },
    counts: [counts.summarize({ path: 'test' }), counts.warnings(), refused.count, refused.rows],
  };
}

/** The slow twin: one pass over the columns, and one over the rows. */
async function inTwoPasses(part: MappedTable, options: DatasetOptions): Promise<Told> {
  const columns = new ColumnSurvey([part], options);
  for await (const chunk of part.table.read()) columns.see(part, chunk);
  const survey = columns.decide();
  return told(survey, await countRows([part], survey.rules, options));
}

async function atOnce(part: MappedTable, options: DatasetOptions): Promise<Told> {
  const { survey, counts } = await surveyAndCount([part], options);
  return told(survey, counts);
}

async function passesOver(part: MappedTable): Promise<number> {
  let passes = 0;
  const read: MappedTable['table']['read'] = (columns) => {
    passes++;
    return part.table.read(columns);
  };
  await surveyAndCount([{ ...part, table: { ...part.table, read } }], OPTIONS);
  return passes;
}

function ratings(last: string): string {
  const rows = Array.from({ length: MANY }, (_, n) => `u${n % 100},i${n % 77},${n % 6}\n`);
  return `user,item,rating\n${rows.join('')}u1,i1,${last}\n`;
}

describe('surveyAndCount', () => {
  it('counts as two passes do, whatever the values and wherever they change', async () => {
    const rating = fc.constantFrom('', '0', '1', '3.5', '5', '7', '90', '101', 'x');
    const time = fc.constantFrom(
      '',
      '2020-01-31',
      '2020-01-31T10:00:00Z',
      '1700000000',
      '1700000000000',
      'NA',
      '31/01/2020',
    );
    const row = fc.tuple(fc.nat(5), fc.nat(5), rating, time).map((cells) => cells.join(','));
    const rows = fc.array(row, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.boolean(), async (first, later, skipInvalid) => {
        const filled = Array.from({ length: MANY }, (_, n) => first[n % first.length]!);
        const part = await tableOf(`user,item,rating,time\n${[...filled, ...later].join('\n')}\n`);
        const options = { ...OPTIONS, skipInvalid };
        const slow = await inTwoPasses(part, options).catch(String);
        expect(await atOnce(part, options).catch(String)).toEqual(slow);
      }),
      { numRuns: 40 },
    );
  });

  it('counts a pair that comes again once in the share of all pairs', async () => {
    const { counts } = await surveyAndCount([await tableOf('user,item\nu,i\nu,i\nu,i\nv,j\n')], OPTIONS);
    expect(counts.summarize({ path: 'test' })).toMatchObject({ interactions: 4, density: 0.5 });
    const dated =
      'user,item,type,time\nu,i,a,2020-01-01\nu,i,a,2020-01-02\nu,i,b,2020-01-01\nu,i,a,\nv,j,a,2020-01-01\n';
    const { counts: ofDates } = await surveyAndCount([await tableOf(dated)], OPTIONS);
    expect(ofDates.summarize({ path: 'test' })).toMatchObject({
      ...{ interactions: 5, density: 0.5, estimated: [] },
    });
  });

  it('reads a table once if its first rows say how all are read', async () => {
    expect(await passesOver(await tableOf(ratings('5')))).toBe(1);
  });

  it('reads a table again if a later row says otherwise', async () => {
    const part = await tableOf(ratings('8'));
    expect(await passesOver(part)).toBe(2);
    expect((await atOnce(part, OPTIONS)).rating).toMatchObject({ scale: 10, likedFrom: 7 });
  });

  it('refuses the row that cannot be stored, and not one that only seemed so', async () => {
    const refusal = await refusalOf(surveyAndCount([await tableOf(ratings('-1'))], OPTIONS));
    expect(refusal).toContain(`line ${MANY + 2}: rating is "-1"`);
    expect((await atOnce(await tableOf(ratings('70')), OPTIONS)).rating).toMatchObject({ scale: 100 });
  });
});
