import { loadEnvironment } from './env.js';
import { faultOfPrimary, faultOfSentinels, parseSentinels } from './sentinels.js';

describe('a list of Sentinels', () => {
  it('has names or addresses, each with its port or the usual one', () => {
    expect(parseSentinels('')).toEqual([]);
    expect(parseSentinels('redis-1.shop.example:5000, 10.0.0.2,[::1]:26380')).toEqual([
      { host: 'redis-1.shop.example', port: 5000 },
      { host: '10.0.0.2', port: 26_379 },
      { host: '::1', port: 26_380 },
    ]);
  });

  it.each(['redis://host', 'host:', 'host:0', 'host:65536', 'a,,b', 'a b', '::1', 'user@host'])(
    'refuses %s',
    (text) => expect(faultOfSentinels(text)).toMatch('host:port'),
  );

  it.each(['host', 'host:65535', 'a:1,b:2', '[::1]'])('takes %s', (text) =>
    expect(faultOfSentinels(text)).toBeNull(),
  );

  it.each([
    ['', /^REDIS_URL: .*redis:\/\/mymaster/],
    ['redis://mymaster:6379', /^REDIS_URL: .*port/],
  ])('is refused beside the address %p, which names no primary alone', (REDIS_URL, fault) => {
    const sentinels = parseSentinels('10.0.0.1');
    expect(faultOfPrimary({ REDIS_URL, REDIS_SENTINELS: sentinels })).toMatch(fault);
    expect(faultOfPrimary({ REDIS_URL, REDIS_SENTINELS: [] })).toBeNull();
    expect(faultOfPrimary({ REDIS_URL: 'redis://mymaster', REDIS_SENTINELS: sentinels })).toBeNull();
    const source = { DATABASE_URL: 'postgresql://127.0.0.1/db', REDIS_URL, REDIS_SENTINELS: '10.0.0.1' };
    expect(() => loadEnvironment(source)).toThrow(/REDIS_URL: /);
  });
});
