import type { PopularItemsRepository } from '#data';
import { DomainError } from '#domain';
import { HeavyReads } from '../../common/concurrency/heavy-reads.js';
import type { PopularItems } from './popular-items.js';

/** A database whose counts take as long as they are told to. */
class SlowCounts {
  #number = 0;
  durationMs = 0;
  isAway = false;
  readonly items: PopularItems;

  constructor(Items: typeof PopularItems) {
    this.items = new Items(
      { count: () => this.#count() } as unknown as PopularItemsRepository,
      new HeavyReads(),
    );
  }

  /** Which count is answered. */
  async ofGet(): Promise<number | undefined> {
    return (await this.items.get('shop', {})).counted.itemKeys[0];
  }

  async ofUsual(): Promise<number | undefined> {
    return (await this.items.usual('shop'))?.counted.itemKeys[0];
  }

  async #count() {
    if (this.durationMs > 0) await new Promise((done) => setTimeout(done, this.durationMs));
    if (this.isAway) throw new DomainError('database-unavailable', 'away');
    return { itemKeys: Int32Array.of(++this.#number), scores: Float32Array.of(1) };
  }
}

describe('counted popularity', () => {
  let counts: SlowCounts;
  let Items: typeof PopularItems;

  beforeAll(async () => {
    // The cache keeps the clock that there is when it is loaded.
    jest.useFakeTimers();
    ({ PopularItems: Items } = await import('./popular-items.js'));
  });
  beforeEach(() => (counts = new SlowCounts(Items)));
  afterAll(() => jest.useRealTimers());

  const after = async <Result>(ms: number, result: Promise<Result>): Promise<Result> => {
    await jest.advanceTimersByTimeAsync(ms);
    return result;
  };

  it('is answered a hundred times as long as it took to count', async () => {
    counts.durationMs = 50;
    expect(await after(50, counts.ofGet())).toBe(1);
    expect(await after(4_900, counts.ofGet())).toBe(1);
    await jest.advanceTimersByTimeAsync(200);
    expect(await after(50, counts.ofGet())).toBe(2);
  });

  it('is answered for a minute at most', async () => {
    counts.durationMs = 900;
    expect(await after(900, counts.ofGet())).toBe(1);
    await jest.advanceTimersByTimeAsync(59_000);
    expect(await counts.ofUsual()).toBe(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await after(900, counts.ofUsual())).toBe(2);
  });

  it('lets no list wait longer than a second, which has the count before until the next is there', async () => {
    counts.durationMs = 5_000;
    expect(await after(1_000, counts.ofUsual())).toBeUndefined();
    await jest.advanceTimersByTimeAsync(4_000);
    expect(await counts.ofUsual()).toBe(1);
    await jest.advanceTimersByTimeAsync(61_000);
    expect(await after(1_000, counts.ofUsual())).toBe(1);
    expect(await after(5_000, counts.ofUsual())).toBe(2);
  });

  it('that cannot be made is not tried for lists again within a minute, which have the one before', async () => {
    counts.durationMs = 900;
    expect(await after(900, counts.ofUsual())).toBe(1);
    counts.isAway = true;
    await jest.advanceTimersByTimeAsync(61_000);
    expect(await after(900, counts.ofUsual())).toBe(1);
    counts.isAway = false;
    expect(await counts.ofUsual()).toBe(1);
    await jest.advanceTimersByTimeAsync(61_000);
    expect(await after(900, counts.ofUsual())).toBe(2);
  });
});
