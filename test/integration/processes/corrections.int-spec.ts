import { TestService, twoTastes, type AnotherApi } from '../../support/api.js';
import { waitFor } from '../../support/processes.js';
import { describeWithRedis } from '../../support/redis.js';
import { ITEMS, Naive, TYPES, USERS, type Row } from './naive-users.js';

const CATALOG = '/v1/catalogs/default';
const STEPS = 40;
const TIMES = Array.from({ length: 5 }, (_, day) => new Date(Date.UTC(2026, 3, day + 1)).toISOString());

/** Numbers from 0 up to `below`, the same for the same seed. */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
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

  let merges = 0;
  const endAll = () => service.database.query('UPDATE merged_ids SET ends_at = now()');
  interface Merge {
    readonly userId: string;
    readonly other: string;
    readonly itemId: string;
    /** Which dates the posts that go on meanwhile, so that no two are of one time. */
    readonly step: number;
  }
  /** Merges two ids, while both processes are posted rows of both: these come before it or after. */
  const mergeMeanwhile = async (naive: Naive, { userId, other, itemId, step }: Merge): Promise<string[]> => {
    const urls = [service.url, second.url];
    const rows = [userId, other].flatMap((id, n) =>
      urls.map((_, place) => ({
        ...{ userId: id, itemId, type: TYPES[place]!, weight: 1 },
        occurredAt: new Date(Date.UTC(2026, 5, 1, 0, step, n)).toISOString(),
      })),
    );
    const posts = rows.map((row, n) => call(urls[n % 2]!, 'POST', 'interactions', { interactions: [row] }));
    const isRefused = userId === other || !new Naive(naive).merge(userId, other);
    const merging = fetch(`${urls[step % 2]}${CATALOG}/users/${userId}/merge`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ from: other }),
    });
    const [{ status }] = await Promise.all([merging, ...posts]);
    expect([userId, other, status]).toEqual([userId, other, userId === other ? 422 : isRefused ? 409 : 200]);
    rows.forEach((row) => naive.post(row));
    if (!isRefused) naive.merge(userId, other);
    const ids = [...naive.idsOf(userId), ...naive.idsOf(other)];
    // Neither process has made all changes.
    for (const id of ids)
      for (const url of urls) await waitFor(`merge ${step}`, () => hasList(url, id, naive));
    return ids;
  };

  /** One change by one of the processes. @returns whose lists it changes */
  const change = async (url: string, naive: Naive, pick: (below: number) => number): Promise<string[]> => {
    const of = <Value>(values: readonly Value[]) => values[pick(values.length)]!;
    const [userId, itemId, type, occurredAt] = [of(USERS), of(ITEMS), of(TYPES), of(TIMES)];
    const what = pick(14);
    if (what < 5) {
      const row = { userId, itemId, type, occurredAt, weight: 1 + pick(4) };
      await call(url, 'POST', 'interactions', { interactions: [row] });
      naive.post(row);
      return naive.idsOf(userId);
    }
    if (what > 11) return mergeMeanwhile(naive, { userId, other: of(USERS), itemId, step: ++merges });
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
        row.userId === naive.whose(userId) &&
        (!(some & 1) || row.itemId === itemId) &&
        (!(some & 2) || row.type === type) &&
        (!(some & 4) || row.occurredAt >= from);
      expect(deleted).toBe(naive.take(isMeant));
      return naive.idsOf(userId);
    }
    if (what === 11) {
      const n = pick(4);
      await call(url, 'PUT', `users/${userId}`, {
        tags: n > 2 ? ['many'] : [],
        metadata: n > 0 ? { n } : {},
      });
      naive.numbers.set(naive.whose(userId), n);
      return naive.idsOf(userId);
    }
    if (what === 10) {
      const consent = { training: pick(2) > 0, personal: pick(2) > 0 };
      await call(url, 'PUT', `users/${userId}/consent`, consent);
      naive.consents.set(naive.whose(userId), consent);
      return naive.idsOf(userId);
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
      await endAll();
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
        for (const id of USERS)
          for (const url of [service.url, second.url, fresh.url])
            expect(await call(url, 'GET', `users/${id}/consent`)).toMatchObject(
              naive.consents.get(naive.whose(id))!,
            );
        const isKnown = (id: string) => naive.rows.some((row) => row.userId === naive.whose(id));
        for (const userId of USERS.filter(isKnown)) {
          const rows = naive.rows.filter((row) => row.userId === naive.whose(userId));
          const said = rows.map(({ itemId, type, occurredAt, weight }) =>
            [itemId, type, occurredAt, weight].join(' '),
          );
          for (const url of [service.url, fresh.url])
            expect(await storedOf(url, userId)).toEqual(said.sort());
        }
        const [now, before] = [await call(second.url, 'GET', 'usage'), await call(fresh.url, 'GET', 'usage')];
        expect(now.counts).toEqual(before.counts);
        expect(naive.into.size).toBeGreaterThan(0);
        // After the end of a merged id it is a new user, of whom all processes know nothing.
        await endAll();
        const alive = ITEMS.filter((itemId) => !naive.deleted.has(itemId));
        for (const userId of naive.into.keys())
          for (const url of [service.url, second.url, fresh.url])
            expect((await listOf(url, userId)).items.map(({ itemId }) => itemId)).toEqual(
              expect.arrayContaining(alive),
            );
      } finally {
        await fresh.process.kill();
      }
    },
  );
});
