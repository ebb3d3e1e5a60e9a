import { seededNormal } from '#sparse';
import { growthOf } from '../../bench/soak/growth.mjs';
import { fitLine } from '../../bench/soak/statistics.mjs';

const [EVERY_SECONDS, NUM_SAMPLES, WARM_UP_SECONDS] = [10, 600, 1_200];
const SERIES = 100;
const NOISE = 5;
/** Of one sample with the next: noise that lasts for two minutes. */
const CORRELATION = 0.92;
const PAGE_BYTES = 8_192;
const TIMES = Array.from({ length: NUM_SAMPLES }, (_, n) => n * EVERY_SECONDS);
const HOURS = TIMES.map((seconds) => seconds / 3_600);

/** A level of 100 with the saw teeth of garbage collections, correlated noise, and a leak. */
function series(leakPerHour: number, seed: number): number[] {
  const normal = seededNormal(seed);
  let noise = 0;
  return HOURS.map((hours, n) => {
    noise = CORRELATION * noise + Math.sqrt(1 - CORRELATION ** 2) * NOISE * normal();
    return 100 + 3 * (n % 7) + noise + leakPerHour * hours;
  });
}

function lines(leakPerHour: number) {
  const all = Array.from({ length: SERIES }, (_, n) => series(leakPerHour, n + 1));
  return all.map((values) => fitLine(TIMES, HOURS, values)!);
}

/** As a run leaves them behind: everything stands still, but for what the arguments say. */
function samples(bytesOf: (rows: number) => number, rss: readonly number[]) {
  return TIMES.map((seconds, n) => {
    const rows = 1_000 + 3 * n;
    const bytes = { ...tables(0), interactions: bytesOf(rows), models: PAGE_BYTES };
    return {
      seconds,
      api: { ...process_, rss: rss[n] },
      worker: process_,
      redis: { usedMemory: 1, keys: { users: 7, ...kinds }, bytes: { users: 700, ...kinds } },
      postgres: { bytes, rows: { ...tables(0), interactions: rows }, walBytes: 50 * seconds, ...log },
    };
  });
}

const process_ = { rss: 1, heapUsed: 1, heapTotal: 1, external: 1, handles: 1, resources: 1 };
const kinds = { 'shown-items': 0, queues: 0 };
const log = { walFolder: 1, connections: 1 };
function tables(value: number) {
  const names = ['users', 'training_runs', 'audit_log', 'idempotency_keys', 'attributed_interactions'];
  return Object.fromEntries(names.map((name) => [name, value]));
}

describe('the growth that a soak reports', () => {
  it('includes 0 in most series that stand still, though their samples are correlated', () => {
    const still = lines(0).filter(({ low, high }) => low <= 0 && high >= 0);
    expect(still.length).toBeGreaterThanOrEqual(0.85 * SERIES);
  });

  it('includes the leak and not 0 in most series that leak', () => {
    const leaking = lines(12);
    expect(leaking.filter(({ low }) => low > 0).length).toBeGreaterThanOrEqual(0.95 * SERIES);
    const right = leaking.filter(({ low, high }) => low <= 12 && high >= 12);
    expect(right.length).toBeGreaterThanOrEqual(0.85 * SERIES);
  });

  it('is null of fewer samples than blocks, and of what never changes', () => {
    expect(fitLine([0, 1, 2], [0, 1, 2], [1, 2, 3])).toBeNull();
    expect(
      fitLine(
        TIMES,
        TIMES.map(() => 5),
        HOURS,
      ),
    ).toBeNull();
  });

  it('is that of an exact line where there is no noise', () => {
    const line = fitLine(
      TIMES,
      HOURS,
      HOURS.map((hours) => 3 + 2 * hours),
    )!;
    for (const bound of [line.slope, line.low, line.high]) expect(bound).toBeCloseTo(2, 6);
  });

  it('is bytes a row of a table that grows by pages', () => {
    const inPages = (rows: number) => Math.ceil((rows * 150) / PAGE_BYTES) * PAGE_BYTES;
    const { rows } = growthOf(samples(inPages, series(0, 1)), WARM_UP_SECONDS);
    const interactions = rows['table interactions'];
    expect(interactions?.rows).toBe(1_000 + 3 * (NUM_SAMPLES - 1));
    expect(interactions?.line?.low).toBeLessThan(150);
    expect(interactions?.line?.high).toBeGreaterThan(150);
    expect(interactions!.line!.high - interactions!.line!.low).toBeLessThan(10);
  });

  it('is an hour of everything else, with the rate of the write-ahead log', () => {
    const { others } = growthOf(
      samples(() => 0, series(24, 2)),
      WARM_UP_SECONDS,
    );
    expect(others['api resident memory, bytes']?.low).toBeGreaterThan(0);
    expect(others['worker resident memory, bytes']).toMatchObject({ slope: 0, mean: 1 });
    expect(others['redis users, keys']).toMatchObject({ slope: 0, mean: 7 });
    expect(others['table models, bytes']).toMatchObject({ slope: 0, mean: PAGE_BYTES });
    expect(others['write-ahead log, bytes/s']).toMatchObject({ slope: 0, mean: 50 });
    expect(others).not.toHaveProperty('table interactions, bytes');
  });

  it('leaves the warm-up out', () => {
    const warming = series(0, 3).map((value, n) => value + 500 * Math.exp(-n / 10));
    const [all, warm] = [0, WARM_UP_SECONDS].map(
      (seconds) =>
        growthOf(
          samples(() => 0, warming),
          seconds,
        ).others['api resident memory, bytes'],
    );
    expect(all!.slope).toBeLessThan(-10);
    expect(Math.abs(warm!.slope)).toBeLessThan(10);
  });
});
