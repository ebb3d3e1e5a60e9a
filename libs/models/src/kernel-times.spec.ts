import { KernelTimes } from './kernel-times.js';
import type { History, Recommender } from './recommender.js';

/**
 * A model whose calls take as long as they are said to, by a clock of its own; every first call takes
 * three times as long.
 */
function timedModel(numItems = 5_000) {
  let clock = 0;
  const seen = new Set<string>();
  const take = (ms: number, call: string) => {
    clock += seen.has(call) ? ms : 3 * ms;
    seen.add(call);
  };
  const model = {
    numItems,
    countSteps: ({ indices }: History) => 100 * indices.length,
    recommend: ({ indices }: History, k: number) =>
      take(2 + 0.001 * 100 * indices.length + 0.0005 * k, `recommend ${indices.length} ${k}`),
    similarItems: () => take(4, 'similar'),
    explain: ({ indices }: History) => {
      take(0.5 + 0.01 * indices.length, `explain ${indices.length}`);
      throw new Error('cannot be explained');
    },
  } as unknown as Recommender;
  return { model, now: () => clock };
}

describe('the times of a model', () => {
  const historyOf = (length: number) => ({
    indices: Uint32Array.from({ length }, (_, item) => item),
    values: new Float32Array(length).fill(1),
  });

  it('are those of its fastest calls, for histories and lists of any length', async () => {
    const { model, now } = timedModel();
    const times = await KernelTimes.measure(model, { now });
    for (const [length, k] of [
      [0, 0],
      [1, 10],
      [700, 20],
      [64, 1_000],
    ] as const)
      expect(times.scoringMs(historyOf(length), k)).toBeCloseTo(2 + 0.1 * length + 0.0005 * k, 2);
    expect(times.similarMs(200)).toBeCloseTo(4 + 0.1, 2);
    expect(times.explainMs(historyOf(1_000))).toBeCloseTo(10.5, 2);
  });

  it('are measured for the smallest of catalogs', async () => {
    const { model, now } = timedModel(1);
    const times = await KernelTimes.measure(model, { now });
    expect(times.scoringMs(historyOf(1), 1)).toBeGreaterThan(2);
    expect(times.explainMs(historyOf(1))).toBeGreaterThan(0.5);
  });

  it('take their turns with other work', async () => {
    const { model, now } = timedModel();
    let pauses = 0;
    await KernelTimes.measure(model, { now, pause: () => Promise.resolve(pauses++) });
    expect(pauses).toBeGreaterThan(1);
  });
});
