import fc from 'fast-check';
import { USER_KEYS, userKey, userKeyPrefix, userName, userNameOfKey } from './user-keys.js';

const address = fc.record({
  catalogId: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/),
  cacheEpoch: fc.nat(),
  userId: fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom('1', '1:2', 'U:default:0:ada', ':', '\n'),
  ),
});

describe('keys of users', () => {
  it('have a name that is the same in all epochs, and of no other user', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        expect(userNameOfKey(userKey(one))).toBe(userName(one));
        expect(userName(one).startsWith(userKeyPrefix(one.catalogId))).toBe(true);
        expect(userKey(one).startsWith(USER_KEYS)).toBe(true);
        const isSame = one.catalogId === other.catalogId && one.userId === other.userId;
        expect(userName(one) === userName(other)).toBe(isSame);
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });
});
