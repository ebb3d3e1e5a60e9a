import { refuseOpenAddress } from './open-address.js';

describe('refuseOpenAddress', () => {
  const refuse = (HOST: string, ALLOW_REMOTE_WITHOUT_KEYS: '0' | '1' = '0') =>
    refuseOpenAddress({ HOST, ALLOW_REMOTE_WITHOUT_KEYS });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('lets %s pass', (host) => {
    expect(() => refuse(host)).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', '127.example.org', 'localhost.example.org'])(
    'refuses %s, unless it is allowed',
    (host) => {
      expect(() => refuse(host)).toThrow(`HOST ${host} can be reached from other machines`);
      expect(() => refuse(host, '1')).not.toThrow();
    },
  );
});
