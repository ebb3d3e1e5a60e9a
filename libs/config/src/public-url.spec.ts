import { faultOfPublicUrl, parsePublicUrl } from './public-url.js';

describe('PUBLIC_URL', () => {
  it.each([
    ['https://example.org', 'https://example.org'],
    ['https://example.org/', 'https://example.org'],
    ['http://Example.org:8080/shop/recommender/', 'http://example.org:8080/shop/recommender'],
    ['https://example.org:443/a%20b', 'https://example.org/a%20b'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('%s is what %s begins with', (text, base) => {
    expect(faultOfPublicUrl(text)).toBeNull();
    expect(parsePublicUrl(text)).toBe(base);
  });

  it.each([
    ...['example.org', '/recommender', 'ftp://example.org', 'https://', 'https:example.org', '//example.org'],
    ...['https://user:secret@example.org', 'https://example.org/?a=1', 'https://example.org/#top'],
    ...[
      'https://example.org/?',
      'https://example.org/#',
      'https://exa mple.org',
      'https://example.org\\a',
      ' ',
    ],
  ])('is wrong as %p, and the reason holds no piece of it', (text) => {
    const fault = faultOfPublicUrl(text);
    expect(fault).toEqual(expect.stringMatching(/^(write|end)/));
    expect(fault).not.toContain('secret');
  });
});
