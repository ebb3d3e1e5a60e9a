import { isValid, mayCall, mayCallFromPage, type ApiKey } from './api-key.js';
import { isSameHash, makeToken, readToken, withoutKeys } from './key-token.js';
import { SCOPES, type Scope } from './scope.js';

const ID = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';
const NOW = new Date('2026-06-01T00:00:00Z');
const key = (fields: Partial<ApiKey>): ApiKey => ({
  ...{ id: ID, name: 'shop', scopes: ['read'], catalogs: null, origins: null, createdAt: NOW },
  ...{ callsPerSecond: null },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
  ...fields,
});

describe('a token', () => {
  it('is read as the id and the hash that it was made of', () => {
    const { token, hash, id } = makeToken(ID);
    expect(id).toBe(ID);
    expect(readToken(token)).toEqual({ id: ID, hash });
    expect(token).not.toContain(hash.toString('base64url'));
  });

  it('has another secret each time', () => {
    const tokens = Array.from({ length: 100 }, () => makeToken(ID));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(100);
    expect(isSameHash(tokens[0]!.hash, tokens[1]!.hash)).toBe(false);
  });

  it.each(['', 'sparserec_', 'abc', 'sparserec_' + 'x'.repeat(63), 'sparserec_' + 'x'.repeat(65)])(
    'is none that is %p',
    (text) => {
      expect(readToken(text)).toBeNull();
    },
  );

  it('is left out of any text, and what looks like its beginning is not', () => {
    const { token } = makeToken(ID);
    expect(withoutKeys(`/v1/keys/${token}?a=${token}-more "${token}"`)).toBe(
      '/v1/keys/sparserec_…?a=sparserec_… "sparserec_…"',
    );
    for (const text of ['', 'sparserec_runs_total 5', 'Bearer sparserec_…'])
      expect(withoutKeys(text)).toBe(text);
  });

  it('is another with any other character, or none', () => {
    const { token, hash } = makeToken(ID);
    for (let at = 0; at < token.length; at++) {
      const other = readToken(token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1));
      expect(other?.id === ID && isSameHash(other.hash, hash)).toBe(false);
    }
  });
});

describe('a key', () => {
  it('is valid until it expires or is revoked', () => {
    expect(isValid(key({}), NOW)).toBe(true);
    expect(isValid(key({ expiresAt: new Date(NOW.getTime() + 1) }), NOW)).toBe(true);
    expect(isValid(key({ expiresAt: NOW }), NOW)).toBe(false);
    expect(isValid(key({ revokedAt: NOW }), NOW)).toBe(false);
  });

  it.each(SCOPES)('of the scope %s may make calls of that scope only, but admin all', (own) => {
    const allowed = SCOPES.filter((scope: Scope) => mayCall(key({ scopes: [own] }), scope, 'shop'));
    expect(allowed).toEqual(own === 'admin' ? [...SCOPES] : [own]);
  });

  it('for pages makes no call of any scope, but those for pages, from pages of its origins', () => {
    const origins = ['https://shop.example', 'https://books.example'];
    for (const scopes of [['read'], ['admin']] as const)
      for (const scope of SCOPES) expect(mayCall(key({ scopes, origins }), scope, 'shop')).toBe(false);
    const pages = key({ origins, catalogs: ['shop'] });
    expect(mayCallFromPage(pages, 'shop', 'https://books.example')).toBe(true);
    expect(mayCallFromPage(pages, 'books', 'https://books.example')).toBe(false);
    for (const origin of ['https://evil.example', 'null', '', undefined])
      expect(mayCallFromPage(pages, 'shop', origin)).toBe(false);
    expect(mayCallFromPage(key({ scopes: ['admin'] }), 'shop', 'https://shop.example')).toBe(false);
  });

  it('of some catalogs reaches these, and nothing that is of none', () => {
    const shops = key({ catalogs: ['shop', 'books'] });
    expect(['shop', 'books', 'other', null].map((catalog) => mayCall(shops, 'read', catalog))).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
    expect(mayCall(key({}), 'read', null)).toBe(true);
  });
});
