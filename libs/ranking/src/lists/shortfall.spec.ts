import { shortfall, SHORTFALLS } from './shortfall.js';

describe('shortfall', () => {
  const counts = { exist: 100, 'left-unseen': 50, 'left-after-exclude': 0 };

  it('is nothing for a full list', () => {
    expect(shortfall(10, 10, { exist: 10 })).toBeUndefined();
  });

  it('names the first step that left fewer than k, or none for an empty list', () => {
    expect(shortfall(0, 60, counts)).toBe('no-items-left-after-exclude');
    expect(shortfall(20, 60, { ...counts, 'left-after-exclude': 40 })).toBe('fewer-items-left-unseen');
    expect(shortfall(3, 200, { ...counts, 'left-after-exclude': 3 })).toBe('fewer-items-exist');
  });

  it('names the last step where the counts give no reason, since a list without one is never empty', () => {
    expect(shortfall(0, 5, { exist: 9, 'left-unseen': 9 })).toBe('no-items-left-unseen');
    expect(shortfall(0, 5, {})).toBe('no-items-exist');
  });

  it('has its answers in the closed list', () => {
    expect(SHORTFALLS).toContain(shortfall(0, 5, counts));
    expect(new Set(SHORTFALLS).size).toBe(SHORTFALLS.length);
  });
});
