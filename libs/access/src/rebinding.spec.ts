import { refuseOtherSites } from './rebinding.js';

describe('refuseOtherSites', () => {
  const isTaken = (listensOn: string, host: string | undefined, origin?: string) => {
    try {
      refuseOtherSites({ host, origin }, listensOn);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'host-not-allowed' });
      return false;
    }
  };

  it.each(['localhost:3000', '127.0.0.1:3000', '127.9.9.9', '[::1]:3000', undefined])(
    'takes callers that name this machine as %s, at any address',
    (host) => {
      for (const listensOn of ['127.0.0.1', '::1', '0.0.0.0', '::'])
        expect([isTaken(listensOn, host), isTaken(listensOn, host, 'http://localhost:5173')]).toEqual([
          true,
          true,
        ]);
    },
  );

  it.each([
    'evil.example:3000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example.',
    '%',
    'a b',
  ])('refuses callers that name the site %s, at any address', (host) => {
    for (const listensOn of ['127.0.0.1', '0.0.0.0']) {
      expect(isTaken(listensOn, host)).toBe(false);
      expect(isTaken(listensOn, host, `http://${host}`)).toBe(false);
      expect(isTaken(listensOn, 'localhost:3000', `http://${host}`)).toBe(false);
    }
  });

  it.each(['192.168.1.5:3000', '[fd00::1]:3000', 'api:3000'])(
    'takes callers of %s and pages of this address, which no site can have, where it listens on more than loopback',
    (host) => {
      expect(isTaken('127.0.0.1', host)).toBe(false);
      expect(isTaken('0.0.0.0', host)).toBe(true);
      expect(isTaken('0.0.0.0', host, `http://${host}`)).toBe(true);
      expect(isTaken('0.0.0.0', host, 'http://192.168.1.6:3000')).toBe(false);
      expect(isTaken('0.0.0.0', host, 'null')).toBe(false);
    },
  );
});
