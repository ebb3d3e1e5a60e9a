import { seededRandom } from '#models';
import { CallLimits } from './call-limits.js';

describe('calls that a process counts for itself', () => {
  it('are let in as one that counts each second anew would do', async () => {
    const random = seededRandom(7);
    let nowMs = 1_000_000;
    const limits = new CallLimits(null, () => nowMs);
    const counted = new Map<string, number>();
    const seen = { allowed: 0, refused: 0 };
    for (let call = 0; call < 20_000; call++) {
      nowMs += Math.floor(random() * 8);
      const [name, limit] = [
        ['one', 1],
        ['few', 7],
        ['many', 101],
      ][Math.floor(random() * 3)] as [string, number];
      const second = `${name} ${Math.floor(nowMs / 1_000)}`;
      const before = counted.get(second) ?? 0;
      const verdict = await limits.count(name, limit);
      expect(verdict).toEqual({ isAllowed: before < limit, remaining: Math.max(0, limit - before - 1) });
      counted.set(second, before + 1);
      seen[verdict.isAllowed ? 'allowed' : 'refused']++;
    }
    expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(1_000);
  });
});
