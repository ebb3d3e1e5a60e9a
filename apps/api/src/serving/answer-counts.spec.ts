import type { AttributionsRepository } from '#data';
import { DomainError } from '#domain';
import { AnswerCounts } from './answer-counts.js';

/** Counts, and what of them is stored. */
function countsOver() {
  const stored = new Map<string, number>();
  const state = { isAway: false };
  const addAnswers = async (answers: ReadonlyMap<string, number>) => {
    await Promise.resolve();
    if (state.isAway) throw new DomainError('database-unavailable', 'away');
    for (const [id, count] of answers) stored.set(id, (stored.get(id) ?? 0) + count);
  };
  return { stored, state, counts: new AnswerCounts({ addAnswers } as unknown as AttributionsRepository) };
}

describe('AnswerCounts', () => {
  it('writes each answer once, also those that come during a write', async () => {
    const { stored, counts } = countsOver();
    counts.add('a');
    counts.add('b');
    const first = counts.flush();
    counts.add('a');
    await Promise.all([first, counts.flush()]);
    await counts.flush();
    expect(Object.fromEntries(stored)).toEqual({ a: 2, b: 1 });
  });

  it('keeps what could not be written, and writes it at the end', async () => {
    const { stored, state, counts } = countsOver();
    counts.add('a', 2);
    await counts.flush();
    state.isAway = true;
    counts.add('a', 3);
    await counts.flush();
    counts.add('a');
    await counts.flush();
    expect(stored.get('a')).toBe(2);
    state.isAway = false;
    await counts.beforeApplicationShutdown();
    expect(stored.get('a')).toBe(6);
  });
});
