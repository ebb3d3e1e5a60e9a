import type { Environment } from '#config';
import type { InteractionsRepository } from '#data';
import { DomainError, MergedInto, type UserHistory } from '#domain';
import type { ActiveModel, CachedHistory } from '#ranking';
import type { ServingCatalogs } from '../catalogs/serving-catalogs.js';
import { UserHistories } from './user-histories.js';

const ENVIRONMENT = { USER_CACHE_ENTRIES: 10, USER_CACHE_SECONDS: 60 } as Environment;

function historyOf(value: number): UserHistory {
  return { revision: 1, itemKeys: Int32Array.of(0), values: Float32Array.of(value) };
}

describe('UserHistories', () => {
  let state: {
    epoch: number;
    oldestEpoch: number;
    stored: UserHistory;
    active: Pick<ActiveModel, 'embedded' | 'hasEmbedded'> | null;
  };
  let histories: UserHistories;
  const loadHistories = jest.fn();
  const changed = [{ userId: 'ada', userKey: 0, revision: 1 }];
  const find = async () => (await histories.find('default', 'ada'))?.values[0];
  const expectUnavailable = () => expect(find()).rejects.toMatchObject({ code: 'database-unavailable' });

  /** Settings change after the history was read and before it is kept. */
  const readThenChange = () => {
    const history = state.stored;
    state.stored = historyOf(history.values[0]! + 1);
    state.epoch++;
    return Promise.resolve(new Map([['ada', history]]));
  };

  beforeEach(() => {
    state = { epoch: 0, oldestEpoch: 0, stored: historyOf(1), active: null };
    loadHistories.mockReset();
    loadHistories.mockImplementation(() => Promise.resolve(new Map([['ada', state.stored]])));
    const loadHistory = async (_catalogId: string, userId: string) =>
      ((await loadHistories()) as Map<string, UserHistory>).get(userId) ?? null;
    const interactions = { loadHistories, loadHistory } as unknown as InteractionsRepository;
    const catalogs = {
      cacheEpoch: () => state.epoch,
      oldestEpoch: () => state.oldestEpoch,
      activeModel: () => state.active,
    } as unknown as ServingCatalogs;
    histories = new UserHistories(ENVIRONMENT, null, interactions, catalogs);
  });

  it('finds a history of this epoch without reading it again', async () => {
    expect([await find(), await find()]).toEqual([1, 1]);
    expect(loadHistories).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['found', () => histories.find('default', 'ada')],
    ['warmed', () => histories.warm('default', changed)],
  ])('does not find a history that was %s while the epoch changed', async (_, read) => {
    state.epoch++;
    loadHistories.mockImplementationOnce(readThenChange);
    await read();
    expect(await find()).toBe(state.stored.values[0]);
  });

  it('keeps what the active model made of a history, until another model is active', async () => {
    const made: string[] = [];
    const byModel = (modelId: string) => ({
      hasEmbedded: (history: CachedHistory) => history.embedding?.modelId === modelId,
      embedded: (history: CachedHistory) => {
        if (history.embedding?.modelId === modelId) return history;
        made.push(modelId);
        return { ...history, embedding: { modelId, values: history.values } };
      },
    });
    for (const modelId of ['first', 'first', 'second', 'second']) {
      state.active = byModel(modelId);
      expect((await histories.find('default', 'ada'))?.embedding?.modelId).toBe(modelId);
    }
    state.active = null;
    expect(made).toEqual(['first', 'second']);
  });

  it('knows last what it knew in an older epoch, but not of another catalog of the name', async () => {
    const known = await find();
    loadHistories.mockRejectedValue(new DomainError('database-unavailable', 'away'));
    state.epoch++;
    expect(await find()).toBe(known);
    state.oldestEpoch = state.epoch;
    await expectUnavailable();
    state.oldestEpoch = 0;
    histories.forget('default');
    await expectUnavailable();
  });

  it('does not take a user whose history cannot be read for one without any', async () => {
    await find();
    state.epoch++;
    await histories.changing('default', (beforeCommit) => beforeCommit([{ ...changed[0]!, revision: 2 }]));
    loadHistories.mockRejectedValue(new DomainError('database-unavailable', 'away'));
    await expectUnavailable();
  });

  it('finds what the user did whom a merged id names, as it is by then, and caches nothing of the id', async () => {
    const names = new Map<string, string>([['old', 'ada']]);
    const loadHistory = jest.fn((_catalogId: string, userId: string) =>
      Promise.resolve(names.has(userId) ? new MergedInto(names.get(userId)!) : state.stored),
    );
    const interactions = { loadHistory } as unknown as InteractionsRepository;
    const catalogs = { cacheEpoch: () => 0, activeModel: () => null } as unknown as ServingCatalogs;
    histories = new UserHistories(ENVIRONMENT, null, interactions, catalogs);
    expect(await histories.findUser('default', 'old')).toEqual({ userId: 'ada', history: state.stored });
    state.stored = { ...historyOf(2), revision: 2 };
    await histories.changing('default', (beforeCommit) => beforeCommit([{ ...changed[0]!, revision: 2 }]));
    expect((await histories.find('default', 'old'))?.values[0]).toBe(2);
    names.set('old', 'eve');
    expect((await histories.findUser('default', 'old')).userId).toBe('eve');
    expect(loadHistory.mock.calls.filter(([, userId]) => userId === 'ada')).toHaveLength(2);
  });

  it('does not wait for a read of an older epoch', async () => {
    const never = new Promise<never>(() => undefined);
    loadHistories.mockReturnValueOnce(never);
    state.epoch++;
    void find();
    state.epoch++;
    expect(await find()).toBe(state.stored.values[0]);
  });
});
