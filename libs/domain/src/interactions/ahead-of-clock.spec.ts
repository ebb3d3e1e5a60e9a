import { aheadOfClock } from './ahead-of-clock.js';

const NOW = new Date('2026-11-29T10:00:00.000Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);

describe('aheadOfClock', () => {
  it.each([-1e12, 0, 299_999, 300_000])('accepts %d ms after the clock with 300 s of tolerance', (ms) => {
    expect(aheadOfClock(after(ms), 300, NOW)).toBeNull();
  });

  it('refuses what is further ahead, says how far, and asks for the time zone', () => {
    expect(aheadOfClock(after(300_001), 300, NOW)).toBe(
      "is 301 s ahead of the server's clock, and 300 s are allowed (CLOCK_TOLERANCE_SECONDS); is its time zone right?",
    );
    expect(aheadOfClock(after(1), 0, NOW)).toContain('is 1 s ahead');
  });

  it('takes the clock of now unless told another', () => {
    expect(aheadOfClock(new Date(), 0)).toBeNull();
    expect(aheadOfClock(new Date(Date.now() + 3_600_000), 300)).toContain('is its time zone right?');
  });
});
