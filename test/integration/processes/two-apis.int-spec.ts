import { setTimeout as delay } from 'node:timers/promises';
import { TestService, twoTastes, type AnotherApi } from '../../support/api.js';
import { waitFor } from '../../support/processes.js';
import { describeWithRedis } from '../../support/redis.js';

const CHANGES = 20;
const CALLERS = 4;
const CATALOG = '/v1/catalogs/default';
const LIMIT_MS = 10_000;

/**
 * Calls for recommendations at both processes, one after the other by each caller, until it is told to stop.
 */
class Load {
  readonly failures: string[] = [];
  numAnswered = 0;
  #isOn = true;
  readonly #callers: Promise<void>[];

  constructor(private readonly urls: readonly string[]) {
    this.#callers = Array.from({ length: CALLERS }, (_, caller) => this.#call(caller));
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#callers);
  }

  async #call(caller: number): Promise<void> {
    for (let n = caller; this.#isOn; n++) {
      const path = `${CATALOG}/users/user-${n % 40}/recommendations?k=10`;
      const response = await fetch(this.urls[n % this.urls.length]! + path);
      const text = await response.text();
      if (response.status === 200) this.numAnswered++;
      else this.failures.push(`${response.status} ${text}`);
      await delay(5);
    }
  }
}

/** What is seen when, of changes that one process has acknowledged, at another. */
class Delays {
  readonly #ms: number[] = [];

  async until(what: string, isSeen: () => Promise<boolean>): Promise<void> {
    const started = performance.now();
    while (!(await isSeen())) {
      if (performance.now() - started > LIMIT_MS) throw new Error(`Waited ${LIMIT_MS} ms for ${what}.`);
      await delay(1);
    }
    this.#ms.push(performance.now() - started);
  }

  get summary(): string {
    const sorted = [...this.#ms].sort((a, b) => a - b);
    return `median ${sorted[sorted.length >> 1]!.toFixed(1)} ms, worst ${sorted.at(-1)!.toFixed(1)} ms`;
  }
}

describeWithRedis('two API processes and one worker, under load', () => {
  let service: TestService;
  let second: AnotherApi;
  let load: Load;

  /** The other process's list of a user. */
  const listAtSecond = async (userId: string) => {
    const response = await fetch(`${second.url}${CATALOG}/users/${userId}/recommendations?k=100`);
    const { items, modelId } = (await response.json()) as { items: { itemId: string }[]; modelId: string };
    return { itemIds: items.map(({ itemId }) => itemId), modelId };
  };
  const seenAtSecond = async (itemId: string, userId: string) =>
    (await listAtSecond(userId)).itemIds.includes(itemId);

  beforeAll(async () => {
    service = await TestService.start({ redis: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
    second = await service.startAnotherApi();
    load = new Load([service.url, second.url]);
  });

  afterEach(() => {
    expect(load.failures).toEqual([]);
    expect(load.numAnswered).toBeGreaterThan(0);
  });

  afterAll(async () => {
    await load.stop();
    await second.process.kill('SIGTERM');
    await service.stop();
  });

  it('both know an interaction that one has taken', async () => {
    const delays = new Delays();
    for (let n = 0; n < CHANGES; n++) {
      const userId = `newcomer-${n}`;
      expect(await seenAtSecond('item-2', userId)).toBe(true);
      const interactions = [{ userId, itemId: 'item-2' }];
      expect((await service.send('POST', 'interactions', { interactions })).status).toBe(200);
      await delays.until('the interaction', async () => !(await seenAtSecond('item-2', userId)));
    }
    console.info(`interactions seen by the other process after: ${delays.summary}`);
  });

  it('both know that an item became available or unavailable', async () => {
    const delays = new Delays();
    for (let n = 0; n < CHANGES; n++) {
      const available = n % 2 === 1;
      expect((await service.send('PUT', 'items/item-3', { available })).status).toBe(200);
      await delays.until('the item', async () => (await seenAtSecond('item-3', 'anyone')) === available);
    }
    console.info(`availability seen by the other process after: ${delays.summary}`);
  });

  it('both serve a model that one has activated', async () => {
    const { modelId: first } = await listAtSecond('user-1');
    const { modelId: other } = await service.train({ model: 'ease', parameters: { regularization: 9 } });
    await waitFor('the other model', async () => (await listAtSecond('user-1')).modelId === other);
    const delays = new Delays();
    for (let n = 0; n < CHANGES; n++) {
      const modelId = n % 2 === 0 ? first : other;
      expect((await service.send('POST', `models/${modelId}/activate`)).status).toBe(200);
      await delays.until('the model', async () => (await listAtSecond('user-1')).modelId === modelId);
    }
    console.info(`activations seen by the other process after: ${delays.summary}`);
  });
});
