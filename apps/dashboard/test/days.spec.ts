import { daysOf } from '../src/ui/days.js';

describe('the days of a chart', () => {
  it('are all from the first to the last one, also over the end of a February', () => {
    const days = daysOf([
      { date: '2028-02-28', interactions: 3 },
      { date: '2028-03-01', interactions: 1 },
    ]);
    expect(days).toEqual([
      { date: '2028-02-28', interactions: 3 },
      { date: '2028-02-29', interactions: 0 },
      { date: '2028-03-01', interactions: 1 },
    ]);
    expect(daysOf([])).toEqual([]);
  });
});
