import { seededRandom } from '#models';
import { LoopLateness, TICK_MS } from './loop-lateness.js';

const MAX_DELAY_MS = 250;
const SHED_WITHIN_MS = 500;
const BACK_WITHIN_MS = 1_000;

/** An event loop by an injected clock. Ticks that are due while it is held up come once, at its end. */
class Loop {
  nowMs = 5_000;
  readonly lateness = new LoopLateness(MAX_DELAY_MS, this.nowMs);

  heldUp(ms: number): void {
    this.nowMs += ms;
    this.lateness.tick(this.nowMs);
  }

  /** @returns whether calls were refused, tick by tick */
  inTime(ms: number): boolean[] {
    const refused: boolean[] = [];
    for (const end = this.nowMs + ms; this.nowMs + TICK_MS <= end;) {
      this.heldUp(TICK_MS);
      refused.push(this.lateness.isLate);
    }
    return refused;
  }
}

describe('an event loop', () => {
  const random = seededRandom(21);

  const isLateInTime = ([lateMs, idleMs]: readonly [number, number]) => {
    const loop = new Loop();
    const lateFrom = loop.nowMs + MAX_DELAY_MS;
    for (let block = 0; block < 10 || loop.nowMs < lateFrom + 10 * SHED_WITHIN_MS; block++) {
      loop.heldUp(lateMs);
      const mustRefuse = loop.nowMs >= lateFrom + SHED_WITHIN_MS;
      const refused = [loop.lateness.isLate, ...loop.inTime(idleMs)];
      if (mustRefuse) expect([lateMs, idleMs, refused]).not.toContainEqual(expect.arrayContaining([false]));
    }
    const afterwards = loop.inTime(10 * BACK_WITHIN_MS);
    expect([lateMs, idleMs, afterwards.slice(BACK_WITHIN_MS / TICK_MS).includes(true)]).toEqual([
      lateMs,
      idleMs,
      false,
    ]);
  };

  it.each([
    [260, 0],
    [300, 0],
    [500, 0],
    [1_000, 0],
    [10_000, 0],
    [300, 60],
    [1_000, 300],
  ])(
    'that is held up for %d ms again and again, with %d ms between, is late until it is in time',
    (...pattern) => isLateInTime(pattern),
  );

  it('is late by any such pattern', () => {
    for (let round = 0; round < 200; round++)
      isLateInTime([MAX_DELAY_MS + 1 + Math.floor(random() * 3_000), Math.floor(random() * 150)]);
  });

  it('is not late by pauses that are short or far apart', () => {
    for (let round = 0; round < 200; round++) {
      const loop = new Loop();
      for (let pause = 0; pause < 10; pause++) {
        loop.heldUp(Math.floor(random() * 600));
        expect(loop.lateness.isLate).toBe(false);
        expect(loop.inTime(1_000 + random() * 500)).not.toContain(true);
      }
      for (let pause = 0; pause < 100; pause++) {
        loop.heldUp(Math.floor(random() * MAX_DELAY_MS));
        expect(loop.lateness.isLate).toBe(false);
      }
    }
  });

  it('is late again, and in time again, as often as that happens', () => {
    const loop = new Loop();
    for (let round = 0; round < 20; round++) {
      for (let block = 0; block < 5; block++) loop.heldUp(400);
      expect(loop.lateness.isLate).toBe(true);
      loop.inTime(BACK_WITHIN_MS);
      expect(loop.lateness.isLate).toBe(false);
    }
  });
});
