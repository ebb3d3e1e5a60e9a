import fc from 'fast-check';
import { parseClock, parseIsoTime } from './iso-time.js';

describe('parseIsoTime', () => {
  it.each([
    ['2020-01-31', '2020-01-31T00:00:00.000Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000Z'],
    ['2020-01-31 10:20', '2020-01-31T10:20:00.000Z'],
    ['2020-01-31T10:20:30', '2020-01-31T10:20:30.000Z'],
    ['2020-01-31T10:20:30.5Z', '2020-01-31T10:20:30.500Z'],
    ['2020-01-31T10:20:30.123456789+02:00', '2020-01-31T08:20:30.123Z'],
    ['2020-01-31T10:20:30-0530', '2020-01-31T15:50:30.000Z'],
    ['2020-01-31 10:20:30 +01', '2020-01-31T09:20:30.000Z'],
  ])('reads %s, without a zone as UTC', (text, time) => {
    expect(new Date(parseIsoTime(text)).toISOString()).toBe(time);
  });

  it.each([
    '2023-02-29',
    '2023-02-30',
    '2023-04-31',
    '2023-13-01',
    '2023-00-10',
    '2020-01-31T24:00',
    '2020-01-31T10:60',
    '2020-01-31T10:20:30+25:00',
    '2020-01-31 noon',
    '20200131',
    '2020',
    '2020-1-1',
    '0020-01-01',
    '',
  ])('refuses %j', (text) => {
    expect(parseIsoTime(text)).toBeNaN();
  });

  it('reads a plain clock as the slow twin does', () => {
    const digits = (most: number) =>
      fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, '0'));
    const clock = fc
      .tuple(
        fc.constantFrom('T', ' ', 't'),
        digits(25),
        fc.constantFrom(':', '.'),
        digits(61),
        fc.constantFrom(':', ''),
        digits(61),
        fc.constantFrom('', '.123', ',123', '.12', '.1234', '.1x3'),
        fc.constantFrom('', 'Z', 'z', '+02'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(clock, (text) => {
        expect(parseIsoTime(`2020-01-31${text}`)).toBe(
          parseClock(`2020-01-31${text}`, Date.UTC(2020, 0, 31)),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
