import { loadEnvironment } from './env.js';
import { isOpenWithoutKeys } from './open-address.js';

describe('isOpenWithoutKeys', () => {
  const isOpen = (HOST: string, fields: object = {}) =>
    isOpenWithoutKeys(loadEnvironment({ DATABASE_URL: 'postgresql://127.0.0.1/db', HOST, ...fields }));

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])(
    'is true of %s, unless keys are required',
    (host) => {
      expect(isOpen(host)).toBe(true);
      expect(isOpen(host, { REQUIRE_KEYS: '1' })).toBe(false);
    },
  );

  it.each(['0.0.0.0', '::', '192.0.2.1', '127.example.org', 'localhost.example.org'])(
    'is false of %s, unless it is allowed',
    (host) => {
      expect(isOpen(host)).toBe(false);
      expect(isOpen(host, { ALLOW_REMOTE_WITHOUT_KEYS: '1' })).toBe(true);
      expect(isOpen(host, { ALLOW_REMOTE_WITHOUT_KEYS: '1', REQUIRE_KEYS: '1' })).toBe(false);
    },
  );

  it.each([{ TRUST_PROXY: 'true' }, { TRUST_PROXY: '127.0.0.1' }, { PUBLIC_URL: 'https://example.org' }])(
    'is false behind a proxy: with %j, also on loopback and where it is allowed elsewhere',
    (fields) => {
      expect(isOpen('127.0.0.1', fields)).toBe(false);
      expect(isOpen('0.0.0.0', { ...fields, ALLOW_REMOTE_WITHOUT_KEYS: '1' })).toBe(false);
    },
  );
});
