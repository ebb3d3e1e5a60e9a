import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { Environment } from '#config';
import type { Model } from '#domain';
import {
  CsrMatrix,
  decodeServedModel,
  encodeServedModel,
  fitPopularity,
  modelKind,
  modelRegistry,
  seededRandom,
  type KernelTimes,
  type Recommender,
} from '#models';
import { ActiveModel, type ListOptions, RankingService, type ServingCatalog } from '#ranking';
import { ToyCatalog, type ToyItem } from '../../../../../libs/ranking/src/testing/toy-catalog.js';
import { ScoringThreads } from './scoring-threads.js';

const NUM_ITEMS = 60;
const NEED = { ms: 50, longestHistory: 20 };
/** As if every call took long. */
const SLOW = {
  scoringMs: () => 50,
  placesMs: () => 0,
  similarMs: () => 50,
  explainMs: () => 50,
} as unknown as KernelTimes;
const ITEM: ToyItem = { tags: [], metadata: {}, available: true, ageDays: 0 };

function start(environment: Partial<Environment> = {}): ScoringThreads {
  return new ScoringThreads({ HEAVY_THREADS: 1, HEAVY_QUEUE: 2, ...environment } as Environment);
}

async function stop(threads: ScoringThreads): Promise<void> {
  threads.onModuleDestroy();
  await threads.onApplicationShutdown();
}

/** 40 users with about 8 of 50 items, which are the even and some of the odd keys. */
function randomMatrix(numCols = 50): CsrMatrix {
  const random = seededRandom(3);
  const cells = Array.from({ length: 40 * numCols }, (_, cell) => cell).filter(() => random() < 0.16);
  return CsrMatrix.fromCoo({
    numRows: 40,
    numCols,
    rows: cells.map((cell) => Math.floor(cell / numCols)),
    cols: cells.map((cell) => cell % numCols),
  });
}

/** As a process has it that read it from the database. */
async function serve(kind: string, parameters: object = {}): Promise<ActiveModel> {
  const matrix = randomMatrix();
  const { recommender } = await modelKind(kind).fit(matrix, modelKind(kind).parameters.parse(parameters), {
    seed: 1,
  });
  const itemKeys = Int32Array.from({ length: matrix.numCols }, (_, index) => index + Math.floor(index / 5));
  const popularity = await fitPopularity(matrix, 1);
  const bytes = encodeServedModel({ kind, itemKeys, recommender, popularity });
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return new ActiveModel({ id: kind } as Model, decodeServedModel(shared, 'shared'), SLOW);
}

const SMALL: Record<string, object> = {
  spectral: { rank: 8 },
  blend: { rank: 8 },
  ials: { factors: 8, epochs: 2 },
  lightgcl: { factors: 8, epochs: 2 },
};
const KINDS = [...modelRegistry.keys()].filter((kind) => kind !== 'popularity');

describe('scoring threads', () => {
  let toy: ToyCatalog;
  const models = new Map<string, ActiveModel>();
  let ease: ActiveModel;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    toy = await ToyCatalog.of(Array.from({ length: NUM_ITEMS }, () => ITEM));
    for (const kind of KINDS) models.set(kind, await serve(kind, SMALL[kind]));
    ease = models.get('ease')!;
  });

  const catalogWith = (active: ActiveModel): ServingCatalog => ({ ...toy.catalog, active });
  const historyOf = (keys: readonly number[]) => ({
    itemKeys: Int32Array.from(keys).sort(),
    values: new Float32Array(keys.length).fill(1),
  });

  describe.each(KINDS)('with %s', (kind) => {
    it('make the very lists that the event loop makes', async () => {
      const threads = start();
      const [inThread, onLoop] = [new RankingService(threads), new RankingService()];
      const lists = fc.record(
        {
          explain: fc.boolean(),
          diversity: fc.constantFrom(0, 0.4),
          minScore: fc.constantFrom(0, 0.01),
          exclude: fc.array(fc.nat(NUM_ITEMS)),
          pins: fc.constantFrom([{ itemKey: 4, position: 2 }], []),
        },
        { requiredKeys: [] },
      );
      const catalog = catalogWith(models.get(kind)!);
      await fc.assert(
        fc.asyncProperty(
          lists,
          fc.integer({ min: 1, max: 70 }),
          fc.uniqueArray(fc.nat(NUM_ITEMS - 1), { maxLength: 20 }),
          fc.boolean(),
          async (wanted, k, keys, repeats) => {
            const options = { ...wanted, k } as ListOptions;
            const history = historyOf(keys);
            const past = repeats ? { ...history, repeatable: history.itemKeys.slice(0, 2) } : history;
            // Twice, since the best items are cached from the second time on.
            for (let turn = 0; turn < 2; turn++)
              expect(await inThread.forHistory(catalog, past, options)).toEqual(
                await onLoop.forHistory(catalog, { ...past }, options),
              );
            expect(await inThread.similar(catalog, keys[0] ?? 0, { k })).toEqual(
              await onLoop.similar(catalog, keys[0] ?? 0, { k }),
            );
            expect(await inThread.popular(catalog, options)).toEqual(await onLoop.popular(catalog, options));
          },
        ),
        { seed: 6, numRuns: 25 },
      );
      expect(threads.threads).toHaveLength(1);
      await stop(threads);
    });
  });

  it('are not started for requests that take little time', async () => {
    const threads = start();
    const history = ease.inModel(historyOf([0, 6])).history;
    for (const ms of [0, 1, 5, 10])
      expect(
        await threads.use(ease, { ms, longestHistory: 2 }, async (calls) => calls.recommend(history, 5)),
      ).toEqual(ease.served.recommender.recommend(history, 5));
    expect(threads.threads).toHaveLength(0);
    await stop(threads);
  });

  it('can be done without', async () => {
    const threads = start({ HEAVY_THREADS: 0 });
    const history = ease.inModel(historyOf([0, 6])).history;
    const answers = Array.from({ length: 9 }, () =>
      threads.use(ease, NEED, async (calls) => calls.recommend(history, 5)),
    );
    const expected = ease.served.recommender.recommend(history, 5);
    expect(await Promise.all(answers)).toEqual(answers.map(() => expected));
    expect(threads.threads).toHaveLength(0);
    await stop(threads);
  });

  it('leave the event loop a round between calls that take some of its time', async () => {
    const threads = start();
    const order: string[] = [];
    const recommender = {
      scoreUser: () => (order.push('call'), new Float32Array()),
    } as unknown as Recommender;
    const active = new ActiveModel({ id: 'm' } as Model, { ...ease.served, recommender });
    const history = ease.inModel(historyOf([])).history;
    const lists = Array.from({ length: 4 }, () =>
      threads.use(active, { ms: 8, longestHistory: 0 }, async (calls) => calls.scoreUser(history)),
    );
    const other = () => {
      order.push('other');
      if (order.length < 20) setImmediate(other);
    };
    setImmediate(other);
    await Promise.all(lists);
    expect(order.join(' ')).not.toContain('call call');
    expect(order.filter((entry) => entry === 'call')).toHaveLength(4);
    await stop(threads);
  });

  it('have a bounded queue, beyond which requests are told when to come back', async () => {
    const threads = start({ HEAVY_THREADS: 2, HEAVY_QUEUE: 3 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const history = ease.inModel(historyOf([0, 6])).history;
    const ask = () =>
      threads.use(ease, NEED, async (calls) => {
        await gate;
        return calls.recommend(history, 5);
      });
    const accepted = Array.from({ length: 5 }, ask);
    expect(threads.numWaiting).toBe(3);
    await expect(ask()).rejects.toMatchObject({ code: 'too-busy', retryAfterSeconds: 1 });
    open();
    const expected = ease.served.recommender.recommend(history, 5);
    expect(await Promise.all(accepted)).toEqual(accepted.map(() => expected));
    expect(await ask()).toEqual(expected);
    await stop(threads);
  });

  it('answer a request that has waited by the model that it came for', async () => {
    const threads = start();
    const ranking = new RankingService(threads);
    const history = historyOf([0, 6, 12]);
    const [before, after] = [catalogWith(ease), catalogWith(models.get('item-knn')!)];
    const lists = [before, before, after].map((catalog) => ranking.forHistory(catalog, history, { k: 9 }));
    expect(threads.numWaiting).toBe(2);
    const direct = new RankingService();
    for (const [position, catalog] of [before, before, after].entries())
      expect(await lists[position]).toEqual(await direct.forHistory(catalog, { ...history }, { k: 9 }));
    await stop(threads);
  });

  it('begin a call anew whose thread has ended, and once only', async () => {
    const threads = start();
    const history = ease.inModel(historyOf([0, 6])).history;
    const ask = () => threads.use(ease, NEED, async (calls) => calls.recommend(history, 5));
    const expected = await ask();
    // Posted before the thread is told to end, answered by the next one.
    const second = ask();
    await threads.threads[0]!.terminate();
    expect(await second).toEqual(expected);
    const third = threads.use(ease, NEED, async (calls) => {
      const state = { isAnswered: false };
      const answer = Promise.resolve(calls.recommend(history, 5)).finally(() => (state.isAnswered = true));
      answer.catch(() => undefined);
      await threads.threads[0]!.terminate();
      while (threads.threads.length === 0 && !state.isAnswered) await new Promise(setImmediate);
      await threads.threads[0]?.terminate();
      return answer;
    });
    const outcome = await third.catch((error: unknown) => (error as { code: string }).code);
    expect([expected, 'internal-error']).toContainEqual(outcome);
    expect(await ask()).toEqual(expected);
    await stop(threads);
  });

  it('hand on why a call was refused', async () => {
    const threads = start();
    const unknown = { indices: Uint32Array.of(5_000), values: Float32Array.of(1) };
    const ask = (kind: string) =>
      threads.use(models.get(kind)!, NEED, async (calls) => calls.scoreUser(unknown));
    await expect(ask('ease')).rejects.toThrow('not strictly ascending within the matrix');
    const someone = { indices: Uint32Array.of(1, 2), values: Float32Array.of(1, 1) };
    const tooLong = threads.use(ease, { ...NEED, longestHistory: 1 }, async (calls) =>
      calls.scoreUser(someone),
    );
    await expect(tooLong).rejects.toThrow('there is room for 1 items');
    await stop(threads);
  });

  it('are gone with all that waits when the service stops', async () => {
    const threads = start();
    const history = ease.inModel(historyOf([0, 6])).history;
    const ask = () => threads.use(ease, NEED, async (calls) => calls.recommend(history, 5));
    await ask();
    const [atWork, ...waiting] = [ask(), ask(), ask()];
    const outcomes = Promise.allSettled([atWork, ...waiting]);
    await stop(threads);
    const [first, ...others] = await outcomes;
    for (const outcome of others)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'too-busy' } });
    expect([first.status === 'fulfilled' || (first.reason as { code: string }).code === 'too-busy']).toEqual([
      true,
    ]);
    await expect(ask()).rejects.toMatchObject({ code: 'too-busy' });
    expect(threads.threads).toHaveLength(0);
  });
});
