import { loadEnvironment } from '#config';
import type { ApiKeysRepository, ChangeFeed } from '#data';
import { KeyRing } from './key-ring.js';

describe('keys that could not be read yet', () => {
  it.each([{}, { REQUIRE_KEYS: '1' }])('are no reason to say that a key is none, by %j', async (fields) => {
    const findAll = jest.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue([]);
    const repository = { findAll } as unknown as ApiKeysRepository;
    const feed = { subscribe: () => () => undefined } as unknown as ChangeFeed;
    const environment = loadEnvironment({ DATABASE_URL: 'postgresql://any', ...fields });
    const ring = new KeyRing(repository, feed, environment);
    await ring.onModuleInit();
    expect(() => ring.isOpen).toThrow(expect.objectContaining({ code: 'database-unavailable' }));
    await ring.refresh();
    expect(ring.isOpen).toBe(!('REQUIRE_KEYS' in fields));
    await ring.beforeApplicationShutdown();
  });
});
