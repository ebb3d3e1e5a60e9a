import { TestService, twoTastes, type AnotherApi } from '../../support/api.js';
import { waitFor } from '../../support/processes.js';
import { describeWithRedis } from '../../support/redis.js';

const CATALOG = '/v1/catalogs/default';
const STEPS = 40;
const USERS = ['ann', 'ben', 'cid'];
const ITEMS = Array.from({ length: 6 }, (_, n) => `item-${n}`);
const TYPES = ['view', 'play', 'rate'];
const TIMES = Array.from({ length: 5 }, (_, day) => new Date(Date.UTC(2026, 3, day + 1)).toISOString());

interface Row {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly weight: number;
}

/** Numbers from 0 up to `below`, the same for the same seed. */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const isSame = (a: Row, b: Row) =>
  [a.userId, a.itemId, a.type, a.occurredAt].join() === [b.userId, b.itemId, b.type, b.occurredAt].join();

/** All that is to be so, by the plainest rules. */
class Naive {
  rows: Row[] = [];
  late: Row[] = [];
  readonly deleted = new Set<string>();
  readonly excludes = new Map(TYPES.map((type) => [type, true]));
  readonly consents = new Map(USERS.map((userId) => [userId, { training: true, personal: true }]));
  readonly numbers = new Map(USERS.map((userId) => [userId, 0]));

  post(row: Row): void {
    const place = this.deleted.has(row.itemId) ? this.late : this.rows;
    if (!place.some((one) => isSame(one, row))) place.push(row);
  }

  take(isMeant: (row: Row) => boolean): number {
    const before = this.rows.length + this.late.length;
    this.rows = this.rows.filter((row) => !isMeant(row));
    this.late = this.late.filter((row) => !isMeant(row));
    return before - this.rows.length - this.late.length;
  }

  deleteItem(itemId: string): void {
    this.deleted.add(itemId);
    this.rows = this.rows.filter((row) => row.itemId !== itemId);
  }

  putItem(itemId: string): void {
    this.deleted.delete(itemId);
    const back = this.late.filter((row) => row.itemId === itemId);
    this.late = this.late.filter((row) => row.itemId !== itemId);
    back.forEach((row) => this.post(row));
  }

  /** Those of `ITEMS` that a list of the user has, whether it is personal, and what a boost reads. */
  listed(userId: string): string {
    const { personal } = this.consents.get(userId)!;
    const seen = this.rows.filter((row) => personal && row.userId === userId && this.excludes.get(row.type));
    const gone = new Set([...this.deleted, ...seen.map(({ itemId }) => itemId)]);
    return [
      ...ITEMS.filter((itemId) => !gone.has(itemId)),
      personal,
      personal ? this.numbers.get(userId) : 0,
    ].join();
  }
}

describeWithRedis('two API processes, after whatever was posted and corrected', () => {
  let service: TestService;
  let second: AnotherApi;

  beforeAll(async () => {
    service = await TestService.start({ redis: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    for (const type of TYPES) await service.send('PUT', `interaction-types/${type}`, {});
    await service.train();
    second = await service.startAnotherApi();
  });
  afterAll(async () => {
    await second.process.kill();
    await service.stop();
  });

  const call = async (url: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${CATALOG}/${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await response.text();
    expect([method, path, response.status < 300]).toEqual([method, path, true]);

    return text && JSON.parse(text);
  };
  const listOf = async (url: string, userId: string) => {
    const { items, personalised = true } = await call(
      url,
      'GET',
      `users/${userId}/recommendations?k=100&explain=true`,
    );
    return { personalised, items: items as { itemId: string; score: number; because: unknown }[] };
  };
  const hasList = async (url: string, userId: string, naive: Naive) => {
    const { items, personalised } = await listOf(url, userId);
    const boost = encodeURIComponent('userMetadata("n")');
    const [first] = (await call(url, 'GET', `users/${userId}/recommendations?k=1&boost=${boost}`)).items;
    const listed = new Set(items.map(({ itemId }) => itemId));
    return (
      [...ITEMS.filter((itemId) => listed.has(itemId)), personalised, first.score].join() ===
      naive.listed(userId)
    );
  };

  /** One change by one of the processes. @returns whose lists it changes */
  const change = async (url: string, naive: Naive, pick: (below: number) => number): Promise<string[]> => {
    const of = <Value>(values: readonly Value[]) => values[pick(values.length)]!;
    const [userId, itemId, type, occurredAt] = [of(USERS), of(ITEMS), of(TYPES), of(TIMES)];
    const what = pick(12);
    if (what < 5) {
      const row = { userId, itemId, type, occurredAt, weight: 1 + pick(4) };
      await call(url, 'POST', 'interactions', { interactions: [row] });
      naive.post(row);
      return [userId];
    }
    if (what < 8) {
      const [some, from] = [pick(8), of(TIMES)];
      const query = new URLSearchParams({
        ...(some & 1 && { itemId }),
        ...(some & 2 && { type }),
        ...(some & 4 && { from }),
      });
      const { deleted } = await call(
        url,
        'DELETE',
        `users/${userId}/interactions?${query.size ? query : 'all=true'}`,
      );
      const isMeant = (row: Row) =>
        row.userId === userId &&
        (!(some & 1) || row.itemId === itemId) &&
        (!(some & 2) || row.type === type) &&
        (!(some & 4) || row.occurredAt >= from);
      expect(deleted).toBe(naive.take(isMeant));
      return [userId];
    }
    if (what === 11) {
      const n = pick(4);
      await call(url, 'PUT', `users/${userId}`, {
        tags: n > 2 ? ['many'] : [],
        metadata: n > 0 ? { n } : {},
      });
      naive.numbers.set(userId, n);
      return [userId];
    }
    if (what === 10) {
      const consent = { training: pick(2) > 0, personal: pick(2) > 0 };
      await call(url, 'PUT', `users/${userId}/consent`, consent);
      naive.consents.set(userId, consent);
      return [userId];
    }
    if (what === 8) {
      const excludesSeen = pick(3) > 0;
      const patch = { excludesSeen, repeats: of(['max', 'sum', 'newest']), positive: pick(4) > 0 };
      await call(url, 'PATCH', `interaction-types/${type}`, patch);
      naive.excludes.set(type, excludesSeen);
    } else if (naive.deleted.has(itemId)) {
      await call(url, 'PUT', `items/${itemId}`, {});
      naive.putItem(itemId);
    } else {
      await call(url, 'POST', 'item-deletions', { items: [{ itemId }] });
      naive.deleteItem(itemId);
    }
    return USERS;
  };

  const storedOf = async (url: string, userId: string) => {
    const { items } = await call(url, 'GET', `users/${userId}/interactions?limit=500`);
    return (items as Row[])
      .map(({ itemId, type, occurredAt, weight }) => [itemId, type, occurredAt, weight].join(' '))
      .sort();
  };

  it.each([1, 2])(
    'say what a fresh process on a fresh cache says, and a naive model (seed %d)',
    async (seed) => {
      const [pick, naive] = [numbersOf(seed), new Naive()];
      for (const userId of USERS) await call(service.url, 'DELETE', `users/${userId}/interactions?all=true`);
      for (const [userId, consent] of naive.consents) {
        await call(service.url, 'PUT', `users/${userId}/consent`, consent);
        await call(service.url, 'PUT', `users/${userId}`, {});
      }
      for (const itemId of ITEMS) await call(service.url, 'PUT', `items/${itemId}`, {});
      for (const type of TYPES) await call(service.url, 'PUT', `interaction-types/${type}`, {});
      for (let step = 0; step < STEPS; step++) {
        const urls = pick(2) ? [service.url, second.url] : [second.url, service.url];
        const changed = await change(urls[0]!, naive, pick);
        for (const userId of changed) {
          // Who changes something knows at once; the other one within the staleness bound.
          expect([step, userId, await hasList(urls[0]!, userId, naive)]).toEqual([step, userId, true]);
          await waitFor(`step ${step} at the other process`, () => hasList(urls[1]!, userId, naive));
        }
      }
      const fresh = await service.startAnotherApi({ REDIS_URL: '' });
      try {
        for (const userId of [...USERS, 'user-1']) {
          const expected = await listOf(fresh.url, userId);
          for (const url of [service.url, second.url])
            await waitFor(`the list of ${userId}`, async () => {
              return JSON.stringify(await listOf(url, userId)) === JSON.stringify(expected);
            });
        }
        for (const [userId, consent] of naive.consents)
          for (const url of [service.url, second.url, fresh.url])
            expect(await call(url, 'GET', `users/${userId}/consent`)).toEqual(consent);
        for (const userId of USERS.filter((one) => naive.rows.some((row) => row.userId === one))) {
          const rows = naive.rows.filter((row) => row.userId === userId);
          const said = rows.map(({ itemId, type, occurredAt, weight }) =>
            [itemId, type, occurredAt, weight].join(' '),
          );
          for (const url of [service.url, fresh.url])
            expect(await storedOf(url, userId)).toEqual(said.sort());
        }
        const [now, before] = [await call(second.url, 'GET', 'usage'), await call(fresh.url, 'GET', 'usage')];
        expect(now.counts).toEqual(before.counts);
      } finally {
        await fresh.process.kill();
      }
    },
  );
});
