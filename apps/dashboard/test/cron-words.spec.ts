import { USUAL, wordsOfCron } from '../src/pages/training/schedules/cron-words.js';

describe('a cron expression in words', () => {
  it.each([
    ['0 3 * * *', 'every day at 03:00'],
    ['30 4 * * 0', 'every Sunday at 04:30'],
    ['5 14 1 * *', 'on day 1 of each month at 14:05'],
    ['0 3 * * 1-5', 'from Monday to Friday at 03:00'],
    ['0 * * * *', 'every hour, 0 minutes past'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['0 3 1 * 1', null],
    ['0 3 * 2 *', null],
    ['0,30 3 * * *', null],
    ['0 0 3 * * *', null],
  ])('is for %s: %s', (cron, words) => {
    expect(wordsOfCron(cron)).toBe(words);
  });

  it('is there for each that the form offers', () => {
    for (const cron of USUAL) expect(wordsOfCron(cron)).not.toBeNull();
  });
});
