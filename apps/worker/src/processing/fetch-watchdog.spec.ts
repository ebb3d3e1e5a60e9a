import { FetchWatchdog, STUCK_AFTER_LOOKS } from './fetch-watchdog.js';

describe('FetchWatchdog', () => {
  const look = (watchdog: FetchWatchdog, times: number, due: number, active: number) =>
    Array.from({ length: times }, () => watchdog.observe({ due, active }));

  it('calls a queue stuck when jobs are due and none is held for several looks', () => {
    const verdicts = look(new FetchWatchdog(), STUCK_AFTER_LOOKS, 1, 0);
    expect(verdicts.indexOf(true)).toBe(STUCK_AFTER_LOOKS - 1);
  });

  it('does not when a job is held', () => {
    expect(look(new FetchWatchdog(), 10, 3, 1)).not.toContain(true);
  });

  it('does not when nothing is due', () => {
    expect(look(new FetchWatchdog(), 10, 0, 0)).not.toContain(true);
  });

  it('begins to count anew after a sign of life, a reset and a verdict', () => {
    const watchdog = new FetchWatchdog();
    look(watchdog, STUCK_AFTER_LOOKS - 1, 1, 0);
    watchdog.observe({ due: 1, active: 1 });
    expect(look(watchdog, STUCK_AFTER_LOOKS - 1, 1, 0)).not.toContain(true);
    watchdog.reset();
    expect(look(watchdog, STUCK_AFTER_LOOKS, 1, 0).at(-1)).toBe(true);
    expect(watchdog.observe({ due: 1, active: 0 })).toBe(false);
  });
});
