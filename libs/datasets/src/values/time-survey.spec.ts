import { format as formatDate } from 'date-fns/format';
import fc from 'fast-check';
import { parseTimeFormat, TimeReader } from './time-rule.js';
import { TimeSurvey } from './time-survey.js';

const CLOCK = { now: new Date('2026-11-30T12:00:00Z'), clockToleranceSeconds: 300 };

/** What a value is by an option, in ISO 8601. */
function read(option: string, value: unknown): string | undefined {
  return new TimeReader(parseTimeFormat(option), CLOCK).read(value, 'time')?.toISOString();
}

describe('the refusal of times', () => {
  const proposals = (...values: readonly unknown[]) => {
    const survey = new TimeSurvey(CLOCK);
    for (const [index, value] of values.entries()) survey.see(value, index + 2);
    const decided = survey.decide('date');
    if (decided === null || typeof decided === 'string')
      throw new Error(`${String(values[0])} is read as ${decided}`);
    const options = [...decided.reason.matchAll(/--time-format (?:"([^"]*)"|(\S+?)(?=[,; ]|$))/g)];
    return options.map(([, inQuotes, word]) => (inQuotes ?? word)!).filter((option) => option !== 'with');
  };

  it.each([
    ['2/25/2023 10:00:00 PM', ['MM/dd/yyyy hh:mm:ss a']],
    ['25.02.2023 10:00:00.123', ['dd.MM.yyyy HH:mm:ss.SSS']],
    ['25.02.2023 10:00:00.123456', ['dd.MM.yyyy HH:mm:ss.SSSSSS']],
    ['2023/02/05 10:00:00+00:00', ['yyyy/MM/dd HH:mm:ssXXX']],
    ['2023/02/05T10:00:00Z', ["yyyy/MM/dd'T'HH:mm:ssXXX"]],
    ['Fri Aug 25 13:55:02 -0700 2017', ['EEE MMM d HH:mm:ss XX yyyy']],
    ['Fri, 25 Aug 2017 13:55:02 GMT', ["EEE, d MMM yyyy HH:mm:ss 'GMT'"]],
    ['25/Aug/2017:13:55:02 +0000', ['dd/MMM/yyyy:HH:mm:ss XX']],
    ['05/02/2023', ['dd/MM/yyyy', 'MM/dd/yyyy']],
    ['05/02/23', ['dd/MM/yy', 'MM/dd/yy']],
    ['5/2/23 7:03', ['dd/MM/yy HH:mm', 'MM/dd/yy HH:mm']],
    ['13-02-2023', ['dd-MM-yyyy']],
    ['5.2.2023', ['dd.MM.yyyy']],
    ['5.2.23', ['dd.MM.yy']],
    ['2023.02.05', ['yyyy.MM.dd']],
    ['2023-2-5', ['yyyy-M-d']],
    ['2014-12-06 02', ['yyyy-M-d HH']],
    ['2023-02-05 10:00:00 PM', ['yyyy-M-d hh:mm:ss a']],
    ['02 5, 2023', ['MM dd, yyyy']],
    ['Feb 5, 2023', ['MMM d, yyyy']],
    ['May 5, 2023, 7:03 pm', ['MMM d, yyyy, hh:mm a']],
    ['August 5, 2023', ['MMMM d, yyyy']],
    ['5 Feb 2023', ['d MMM yyyy']],
    ['05-Feb-23', ['dd-MMM-yy']],
    ['20230205T100000', ["yyyyMMdd'T'HHmmss"]],
    ['20230205', ['yyyyMMdd']],
    ['201902', ['yyyyMM']],
    ['2019', ['yyyy']],
    ['20230205101112', ['yyyyMMddHHmmss']],
    ['20231345', ['seconds']],
    ['94694400000', ['milliseconds']],
  ])('of %j proposes %j, which read it', (value, options) => {
    expect(proposals(value)).toEqual(options);
    for (const option of options) expect(read(option, value)).toBeDefined();
  });

  it('proposes what reads the values that follow too', () => {
    expect(proposals('05/02/2023', '13/02/2023')).toEqual(['dd/MM/yyyy']);
    expect(proposals('05/02/2023', '02/13/2023', 'soon')).toEqual(['MM/dd/yyyy']);
  });

  it('proposes no unit that does not read the value', () => {
    expect(proposals(1_700_000_000, 1_700_000_000_000)).toEqual([]);
    expect(proposals(1_700_000_000, 5)).toEqual(['seconds']);
    expect(proposals('-99999999999999999999999')).toEqual([]);
  });

  it('proposes whatever a common format writes', () => {
    const formats = [
      'dd/MM/yyyy HH:mm',
      'MM/dd/yyyy hh:mm:ss a',
      'd MMM yyyy, HH:mm:ss',
      'yyyy/MM/dd HH:mm:ss.SSS',
    ];
    const date = fc.date({ min: new Date('1990-01-01'), max: CLOCK.now, noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.constantFrom(...formats), (time, format) => {
        const value = formatDate(time, format);
        const options = proposals(value);
        expect(options.length).toBeGreaterThan(0);
        for (const option of options) expect(read(option, value)).toBeDefined();
      }),
      { numRuns: 50 },
    );
  });
});
