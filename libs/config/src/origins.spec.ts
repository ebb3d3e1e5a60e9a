import { faultOfOrigins, isOrigin, parseOrigins } from './origins.js';

describe('a list of origins', () => {
  it('is read as the origins that browsers send', () => {
    const list = 'https://shop.example, http://localhost:5173,http://[::1]:8080';
    expect(faultOfOrigins(list)).toBeNull();
    expect(parseOrigins(list)).toEqual([
      'https://shop.example',
      'http://localhost:5173',
      'http://[::1]:8080',
    ]);
    expect([faultOfOrigins(''), parseOrigins('')]).toEqual([null, []]);
  });

  it.each([
    ...['*', 'null', 'shop.example', '//shop.example', 'https://*.example', 'https://shop.example/'],
    ...['https://shop.example/a', 'https://Shop.example', 'https://shop.example:443', 'ftp://shop.example'],
    ...['https://user@shop.example', 'https://shop.example,', 'https://a.example https://b.example', ' '],
  ])('is wrong with %p in it', (text) => {
    expect(isOrigin(text)).toBe(false);
    expect(faultOfOrigins(text)).toContain('write origins');
    expect(faultOfOrigins(`https://shop.example,${text}`)).toContain('write origins');
  });
});
