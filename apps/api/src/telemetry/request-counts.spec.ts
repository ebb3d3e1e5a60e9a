import { setImmediate } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastify, type FastifyInstance } from 'fastify';
import { MOST_PAIRS, RequestCounts, type RouteCounts } from './request-counts.js';

const ROUTES = 60;
const STATUSES = Array.from({ length: 20 }, (_, n) => 430 + n);

describe('requests', () => {
  let app: FastifyInstance;
  let counts: RequestCounts;
  let url: string;

  beforeEach(async () => {
    app = fastify({ forceCloseConnections: true });
    counts = new RequestCounts();
    counts.watch({
      getHttpAdapter: () => ({ getInstance: () => app }),
    } as unknown as NestFastifyApplication);
    for (let n = 0; n < ROUTES; n++)
      app.get<{ Querystring: { status: string } }>(`/routes/${n}`, (request, reply) =>
        reply.status(Number(request.query.status)).send(''),
      );
    url = await app.listen();
  });
  afterEach(() => app.close());

  const ask = (n: number, status: number) => fetch(`${url}/routes/${n}?status=${status}`);
  const pairsOf = (all: readonly RouteCounts[]) => all.flatMap(({ byStatus }) => [...byStatus]);

  it('of every route begin with its failures at 0', () => {
    const routes = counts.all.filter(({ route }) => route !== 'others');
    expect(routes).toHaveLength(ROUTES + 1);
    for (const { byStatus } of routes)
      expect([...byStatus]).toEqual([
        [503, 0],
        [500, 0],
      ]);
  });

  it('are counted apart for so many routes and statuses, and all others together by status', async () => {
    const sum = () => pairsOf(counts.all).reduce((all, [, value]) => all + value, 0);
    for (let n = 0; n < ROUTES; n++) await Promise.all(STATUSES.map((status) => ask(n, status)));
    await ask(ROUTES - 1, 503);
    // Each is counted when its answer is closed.
    while (sum() < ROUTES * STATUSES.length + 1) await setImmediate();
    const others = counts.all.find(({ route }) => route === 'others')!;
    const apart = pairsOf(counts.all.filter((one) => one !== others));
    expect(apart).toHaveLength(MOST_PAIRS);
    expect(others.byStatus.size).toBeLessThanOrEqual(STATUSES.length);
    expect(sum()).toBe(ROUTES * STATUSES.length + 1);
    const last = counts.all.find(({ route }) => route === `/routes/${ROUTES - 1}`)!;
    expect(last.byStatus.get(503)).toBe(1);
  });
});
