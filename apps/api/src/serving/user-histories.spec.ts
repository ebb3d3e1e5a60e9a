import type { Environment } from '@app/config';
import type { InteractionsRepository } from '@app/data';
import type { UserHistory } from '@app/domain';
import type { ServingCatalogs } from './serving-catalogs.js';
import { UserHistories } from './user-histories.js';

const ENVIRONMENT = { USER_CACHE_ENTRIES: 10, USER_CACHE_SECONDS: 60 } as Environment;

function historyOf(value: number): UserHistory {
  return { revision: 1, itemKeys: Int32Array.of(0), values: Float32Array.of(value) };
}

describe('UserHistories', () => {
  const state = { epoch: 0, stored: historyOf(1) };
  const loadHistories = jest.fn();
  const histories = new UserHistories(
    ENVIRONMENT,
    null,
    { loadHistories } as unknown as InteractionsRepository,
    { cacheEpoch: () => state.epoch } as unknown as ServingCatalogs,
  );
  const changed = [{ userId: 'ada', userKey: 0, revision: 1 }];
  const find = async () => (await histories.find('default', 'ada'))?.values[0];

  /** Settings change after the history was read and before it is kept. */
  const readThenChange = () => {
    const history = state.stored;
    state.stored = historyOf(history.values[0]! + 1);
    state.epoch++;
    return Promise.resolve(new Map([['ada', history]]));
  };

  beforeEach(() => loadHistories.mockImplementation(() => Promise.resolve(new Map([['ada', state.stored]]))));

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

  it('does not wait for a read of an older epoch', async () => {
    const never = new Promise<never>(() => undefined);
    loadHistories.mockReturnValueOnce(never);
    state.epoch++;
    void find();
    state.epoch++;
    expect(await find()).toBe(state.stored.values[0]);
  });
});
