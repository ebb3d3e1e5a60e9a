import { faultOfTrustProxy, parseTrustProxy } from './trust-proxy.js';

describe('TRUST_PROXY', () => {
  const trusts = (text: string, address: string, hop = 0) => {
    expect(faultOfTrustProxy(text)).toBeNull();
    return parseTrustProxy(text)?.(address, hop);
  };

  it('trusts nobody where it is empty', () => {
    expect(faultOfTrustProxy('')).toBeNull();
    expect(parseTrustProxy('')).toBeNull();
  });

  it('trusts the peer by true, and as many proxies as a number says', () => {
    expect([0, 1].map((hop) => trusts('true', '192.0.2.1', hop))).toEqual([true, false]);
    expect([0, 1, 2].map((hop) => trusts('2', '192.0.2.1', hop))).toEqual([true, true, false]);
  });

  it('trusts the addresses and networks that it names, also as a socket of IPv6 writes them', () => {
    const list = '127.0.0.1, 10.0.0.0/8,2001:db8::/32';
    for (const one of ['127.0.0.1', '::ffff:127.0.0.1', '10.9.8.7', '2001:db8::5'])
      expect([one, trusts(list, one)]).toEqual([one, true]);
    for (const other of ['127.0.0.2', '::1', '11.0.0.1', '2001:db9::5'])
      expect([other, trusts(list, other)]).toEqual([other, false]);
    expect(trusts('loopback', '::1')).toBe(true);
    expect(trusts('uniquelocal', '172.17.0.1')).toBe(true);
  });

  it.each([
    ...[
      '0',
      '-1',
      '33',
      '1.5',
      '1e1',
      'false',
      'TRUE',
      'yes',
      '*',
      'proxy.example.org',
      '0.0.0.1.2',
      '999.1.1.1',
    ],
    ...[
      '10.0.0.0/0',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      '::1/129',
      'fe80::1%eth0',
      '127.0.0.1,',
      ',',
    ],
    ...['127.0.0.1 10.0.0.1', '10.0.0.0/255.0.0.0', ' ', '127.0.0.1,true'],
  ])('is wrong as %p', (text) => {
    expect(faultOfTrustProxy(text)).toContain('write true for one proxy, the number of proxies');
  });
});
