import fc from 'fast-check';
import { CATALOG_KEYS, USER_KEYS, redisKeyOfUser, userOfKey } from './redis-keys.js';

const address = fc.record({
  catalogId: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/),
  cacheEpoch: fc.nat(),
  userId: fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom('1', '1:2', 'U:default:0:ada', ':', '\n'),
  ),
});

describe('keys of users', () => {
  it('say whose they are, and begin as those of their catalog do', () => {
    fc.assert(
      fc.property(address, (one) => {
        const { catalogId, userId } = one;
        expect(userOfKey(redisKeyOfUser(one))).toEqual({ catalogId, userId });
        expect(redisKeyOfUser(one).startsWith(CATALOG_KEYS.users(catalogId))).toBe(true);
        expect(redisKeyOfUser(one).startsWith(USER_KEYS)).toBe(true);
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  it('are of nobody where they are keys of something else', () => {
    for (const key of [CATALOG_KEYS['item-side']('u'), 'U:default:', 'U:default:x:ada', ''])
      expect(userOfKey(key)).toBeNull();
  });
});
