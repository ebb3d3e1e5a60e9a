import fc from 'fast-check';
import { parseTimeFormat, TimeReader } from './time-rule.js';

const CLOCK = { now: new Date('2026-11-30T12:00:00Z'), clockToleranceSeconds: 300 };

/** What a value is by an option, in ISO 8601. */
function read(option: string, value: unknown, clock = CLOCK): string | undefined {
  return new TimeReader(parseTimeFormat(option), clock).read(value, 'time')?.toISOString();
}

describe('a time format', () => {
  it.each([
    ['YYYY-MM-DD hh:mm:ss A', '2023-02-05 10:00:07 PM', '2023-02-05T22:00:07.000Z'],
    ['YYYY-MM-DD hh:mm:ss a', '2023-02-05 10:00:07 pm', '2023-02-05T22:00:07.000Z'],
    ['D/M/YYYY', '5/2/2023', '2023-02-05T00:00:00.000Z'],
    ['D/M/YY H:m:s', '5/2/23 1:2:3', '2023-02-05T01:02:03.000Z'],
    ['DD.MM.YYYY HH:mm:ss.SSS', '25.02.2023 10:00:00.123', '2023-02-25T10:00:00.123Z'],
    ['YYYY-MM-DD HH:mm:ssZ', '2023-02-05 10:00:00+02:00', '2023-02-05T08:00:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss ZZ', '2023-02-05 10:00:00 -0700', '2023-02-05T17:00:00.000Z'],
    ['YYYY-MM-DDTHH:mm:ssZ', '2023-02-05T10:00:00Z', '2023-02-05T10:00:00.000Z'],
    ['YYYY-MM-DD[T]HH:mm', '2023-02-05T10:00', '2023-02-05T10:00:00.000Z'],
    ["[it's] YYYY", "it's 2023", '2023-01-01T00:00:00.000Z'],
    ['ddd, D MMM YYYY', 'Sun, 5 Feb 2023', '2023-02-05T00:00:00.000Z'],
    ['dddd, MMMM D, YYYY h A', 'Sunday, February 5, 2023 3 AM', '2023-02-05T03:00:00.000Z'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSxxx", '2023-02-05T10:00:00.000+01:00', '2023-02-05T09:00:00.000Z'],
    ['EEE MMM d HH:mm:ss XX yyyy', 'Fri Aug 25 13:55:02 -0700 2017', '2017-08-25T20:55:02.000Z'],
  ])('of date-fns or Day.js, %j, reads %j', (option, value, time) => {
    expect(read(option, value)).toBe(time);
    expect(read(parseTimeFormat(option), value)).toBe(time);
  });

  it.each([
    'DDD',
    'YYYY-DDD',
    'HH:mm',
    'MM/DD',
    'YYY',
    'Z',
    'dd/MM',
    'constructor',
    "'open",
    'PM',
    '',
    'YYYY T t',
  ])('that makes no time, %j, is refused by name with an example', (option) => {
    expect(() => parseTimeFormat(option)).toThrow(
      expect.objectContaining({
        code: 'validation-failed',
        message: expect.stringMatching(/^".*" is no time format .*; write for example dd\/MM\/yyyy/),
      }),
    );
  });

  it('of any letters is read or refused, and so is any text by it', () => {
    const tokens = fc.constantFrom(
      ..."YyMmDdHhsSAaZzTtEeGXxQqWwLoKkBbPpUu'[]-/: ".split(''),
      'YYYY',
      'yyyy',
      'MM',
      'DD',
    );
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 8 }), fc.string(), (parts, text) => {
        try {
          read(parts.join(''), text);
        } catch (error) {
          expect(['DomainError', 'InvalidValue']).toContain((error as Error).name);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['dd/MM/yy', '05/02/23', '2023-02-05'],
    ['M/d/yy', '2/5/23', '2023-02-05'],
    ['d.M.yy', '5.2.23', '2023-02-05'],
    ['DD/MM/YY', '05/02/99', '1999-02-05'],
    ['dd/MM/yy', '30/11/26', '2026-11-30'],
    ['dd/MM/yy', '05/02/27', '1927-02-05'],
    ['dd/MM/yy', '05/02/00', '2000-02-05'],
  ])('of two digits a year, %j, reads %j as %s', (option, value, day) => {
    expect(read(option, value)).toBe(`${day}T00:00:00.000Z`);
    expect(new TimeReader(parseTimeFormat(option), CLOCK).notes).toEqual([
      'years of two digits are read as 1927 to 2026',
    ]);
  });

  it('of two digits a year reads no date as one ahead of the clock, nor as one of a century before', () => {
    expect(() => read('dd/MM/yy', '31/12/26')).toThrow('ahead of');
    const eve = { now: new Date('2026-12-31T20:00:00Z'), clockToleranceSeconds: 300 };
    expect(() => read('dd/MM/yy', '01/01/27', eve)).toThrow('ahead of');
    fc.assert(
      fc.property(fc.date({ min: new Date('1928-01-01'), max: CLOCK.now, noInvalidDate: true }), (date) => {
        const day = date.toISOString().slice(0, 10);
        const [year, month, dayOfMonth] = day.split('-');
        expect(read('dd/MM/yy', `${dayOfMonth}/${month}/${year!.slice(2)}`)).toBe(`${day}T00:00:00.000Z`);
      }),
    );
  });

  it('of four digits a year has nothing to say of centuries', () => {
    expect(new TimeReader(parseTimeFormat("dd/MM/yyyy 'yy'"), CLOCK).notes).toEqual([]);
    expect(new TimeReader('seconds', CLOCK).notes).toEqual([]);
  });
});
