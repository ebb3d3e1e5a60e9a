import fc from 'fast-check';
import { historyOf, NAME, World } from '../testing/world-of-one-user.js';
import { CachedUsers, type Found } from './cached-users.js';
import { MAX_AGE_MS } from './user-invalidations.js';

const RUNS = { numRuns: 1_500, seed: 23 };

const step = fc.record({
  what: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('flush', 'toggleConnection', 'drop') },
    { weight: 2, arbitrary: fc.constantFrom('write', 'write', 'write', 'writeUntold') },
    { weight: 1, arbitrary: fc.constant('confirm' as const) },
    {
      weight: 20,
      arbitrary: fc.constantFrom('beginRead', 'finishRead', 'ping', 'deliver', 'deliver', 'wait'),
    },
  ),
  n: fc.nat(30),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(world: World, { what, n }: Step): Promise<void> {
  if (what === 'write') world.write();
  else if (what === 'writeUntold') world.writeUntold();
  else if (what === 'flush') world.flush();
  else if (what === 'toggleConnection') world.toggleConnection();
  else if (what === 'drop') world.cached.drop(NAME);
  else if (what === 'beginRead') world.beginRead();
  else if (what === 'finishRead') await world.finishRead(n);
  else if (what === 'ping') world.ping();
  else if (what === 'deliver') world.deliver();
  else if (what === 'wait') world.now += n;
}

describe('cached users', () => {
  it('are never older than what was acknowledged 100 ms ago, in whatever order everything arrives', async () => {
    let numCached = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }), async (steps) => {
        const world = new World();
        for (const next of steps) {
          await take(world, next);
          const confirmed = next.what === 'confirm' && (await world.getConfirmed());
          const cached = world.get();
          if (next.what === 'confirm') expect(confirmed).toBe(cached);
          if (cached === undefined) continue;
          numCached++;
          const known = world.writes.filter(({ at }) => at <= world.now - MAX_AGE_MS).at(-1)?.revision ?? 0;
          expect(cached.history?.revision ?? 0).toBeGreaterThanOrEqual(known);
        }
      }),
      RUNS,
    );
    expect(numCached).toBeGreaterThan(1_000);
  });

  it('are no stale answer either from before a write that the process was told of', async () => {
    let numStale = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }), async (steps) => {
        const world = new World();
        for (const next of steps) {
          await take(world, next);
          const stale = world.cached.staleHistory(NAME, 0);
          if (stale === null) continue;
          numStale++;
          expect(stale.revision).toBeGreaterThanOrEqual(world.toldRevision);
        }
      }),
      RUNS,
    );
    expect(numStale).toBeGreaterThan(1_000);
  });

  it.each([
    ['a history', 1],
    ['that there is none', 0],
  ])('do not cache %s that was overtaken while it was read', async (_, revision) => {
    const world = new World();
    world.revision = revision;
    world.ping();
    world.beginRead();
    world.write();
    world.deliver();
    world.deliver();
    await world.finishRead(0);
    expect(world.isFresh()).toBe(true);
    expect(world.get()).toBeUndefined();
    world.beginRead();
    await world.finishRead(0);
    expect(world.get()?.history?.revision).toBe(revision + 1);
  });

  it('caches the same object again where Redis still has the same bytes', async () => {
    const world = new World();
    world.write();
    world.ping();
    const read = async () => {
      world.beginRead();
      await world.finishRead(0);
      return world.get();
    };
    while (!world.isFresh()) world.deliver();
    const first = await read();
    expect(first?.history?.revision).toBe(1);
    world.flush();
    world.deliver();
    expect(world.get()).toBeUndefined();
    expect(await read()).toBe(first);
    world.cached.drop(NAME);
    expect(world.get()).toBeUndefined();
  });

  it('are the same again, without being read, once it is confirmed that nothing was written', async () => {
    const world = new World();
    world.ping();
    world.deliver();
    world.beginRead();
    await world.finishRead(0);
    const cached = world.get();
    world.now += MAX_AGE_MS;
    expect([world.get(), await world.getConfirmed()]).toEqual([undefined, cached]);
    expect(cached).toBeDefined();
    world.now += MAX_AGE_MS;
    world.write();
    expect(await world.getConfirmed()).toBeUndefined();
  });

  it('are the stale answer, however old, until somebody writes', async () => {
    const world = new World();
    world.cached.remember(NAME, 0, historyOf(1));
    expect([world.get(), world.cached.staleHistory(NAME, 0)]).toEqual([undefined, historyOf(1)]);
    expect(world.cached.histories('default:')).toEqual([historyOf(1)]);
    expect(world.cached.histories('other:')).toEqual([]);
    world.write();
    world.deliver();
    await Promise.resolve();
    expect(world.cached.staleHistory(NAME, 0)).toBeNull();
  });

  it('are the stale answer in later epochs too, until an entry of any epoch is written', async () => {
    const world = new World();
    world.ping();
    world.deliver();
    world.write();
    world.deliver();
    world.beginRead();
    await world.finishRead(0);
    expect(world.get()?.history).toEqual(historyOf(1));
    world.cacheEpoch = 3;
    expect([world.get(), world.cached.staleHistory(NAME, 0), world.cached.staleHistory(NAME, 1)]).toEqual([
      undefined,
      historyOf(1),
      null,
    ]);
    world.write();
    world.deliver();
    expect(world.cached.staleHistory(NAME, 0)).toBeNull();
  });

  it.each<[string, (found: Found) => unknown]>([
    ['a history', (found) => found.cache(Buffer.from([1]), historyOf(1))],
    ['no history', (found) => found.cacheNone()],
    ['the same bytes', (found) => expect(found.again(Buffer.from([2]))).toBeNull()],
  ])('stay as they are when %s of an older epoch is read late', async (_, find) => {
    const world = new World();
    const read = (cacheEpoch: number, what: typeof find) =>
      world.cached.read(NAME, cacheEpoch, (found) => Promise.resolve(what(found)));
    world.ping();
    world.deliver();
    world.cacheEpoch = 5;
    await read(5, (found) => found.cache(Buffer.from([2]), historyOf(2)));
    await read(4, find);
    world.cached.remember(NAME, 4, historyOf(1));
    expect([world.get()?.history, world.cached.staleHistory(NAME, 5)]).toEqual([historyOf(2), historyOf(2)]);
    expect(world.cached.histories('default:')).toEqual([historyOf(2)]);
    await read(6, (found) => found.cacheNone());
    world.cacheEpoch = 6;
    await read(5, find);
    expect([world.get()?.history, world.cached.staleHistory(NAME, 0)]).toEqual([null, null]);
  });

  it('are none where none may be kept, or nothing tells of writes', async () => {
    for (const cached of [new CachedUsers(0, new World()), new CachedUsers(10, null)]) {
      await cached.read(NAME, 0, (found) => {
        found.cache(Buffer.from([1]), historyOf(1));
        found.cacheNone();
        return Promise.resolve();
      });
      expect(cached.get(NAME, 0)).toBeUndefined();
    }
  });
});
