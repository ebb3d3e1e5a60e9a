import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { TestService } from '../../../test/support/api.js';
import { answerTo } from '../../../test/support/http.js';

describe('security headers', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false, needsKeys: true });
  });
  afterAll(() => service.stop());

  const headersOf = async (method: string, path: string) =>
    (await fetch(service.url + path, { method, headers: service.keyHeader, redirect: 'manual' })).headers;
  const policyOf = (headers: Headers) =>
    new Map(
      headers
        .get('content-security-policy')!
        .split(';')
        .map((directive) => {
          const [name, ...sources] = directive.trim().split(' ');
          return [name!, sources] as const;
        }),
    );
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

  it('are in every answer, refusals included', async () => {
    for (const [method, path] of [
      ['GET', '/v1/catalogs'],
      ['GET', '/health/live'],
      ['HEAD', '/v1/catalogs/default'],
      ['POST', '/v1/catalogs/default/recommendations'],
      ['GET', '/v1/catalogs/nowhere'],
      ['GET', '/nowhere'],
      ['PATCH', '/v1/catalogs'],
      ['OPTIONS', '/v1/catalogs'],
      ['GET', '/%zz'],
      ['GET', `/v1/catalogs/default/items/${'a'.repeat(9_000)}`],
      ['GET', '/docs/swagger-ui.css'],
      ['GET', '/docs-json'],
    ] as const) {
      const headers = await headersOf(method, path);
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY']);
      expect([path, headers.get('referrer-policy')]).toEqual([path, 'no-referrer']);
      expect([path, headers.get('cross-origin-resource-policy')]).toEqual([path, 'same-origin']);
      expect(policyOf(headers).get('default-src')).toEqual(["'none'"]);
      expect(policyOf(headers).get('frame-ancestors')).toEqual(["'none'"]);
    }
    const unread = request(service.url, { headers: { much: 'a'.repeat(20_000) } });
    let raw = '';
    unread.on('response', ({ headers }) => (raw = String(headers['x-content-type-options'])));
    unread.end();
    expect((await answerTo(unread)).status).toBe(431);
    expect(raw).toBe('nosniff');
  });

  it('allow the style that the script of Swagger UI draws its logo with', async () => {
    const script = await fetch(`${service.url}/docs/swagger-ui-standalone-preset.js`, {
      headers: service.keyHeader,
    });
    const styles = [...(await script.text()).matchAll(/createElement\("style",null,"([^"]+)"/g)];
    expect(styles).toHaveLength(1);
    const policy = policyOf(await headersOf('GET', '/docs'));
    expect(policy.get('style-src')).toContain(hashOf(styles[0]![1]!));
  });

  it('of the dashboard allow nothing but what is of this service, and nothing within the page', async () => {
    const page = await fetch(`${service.url}/`);
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = [...policyOf(page.headers)].map(([name, sources]) => `${name} ${sources.join(' ')}`);
    expect(policy.sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "require-trusted-types-for 'script'",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script[^>]*>[^<]/);
    const addresses = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.filter((address) => !/^\.\/(assets\/|docs$)/.test(address))).toEqual([]);
    expect(addresses.length).toBeGreaterThan(2);
  });

  it('let a browser keep the files of the dashboard, and ask for its page each time', async () => {
    const page = await fetch(`${service.url}/?from=a-link`);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [, script] = /src="\.(\/assets\/[^"]+\.js)"/.exec(await page.text())!;
    const file = await fetch(service.url + script!);
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const plain = await fetch(service.url + script!, { headers: { 'accept-encoding': 'identity' } });
    expect([file.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
      'gzip',
      null,
    ]);
    expect(await plain.text()).toBe(await file.text());
    for (const path of ['/', script!]) {
      const etag = (await fetch(service.url + path)).headers.get('etag')!;
      const again = await fetch(service.url + path, { headers: { 'if-none-match': etag } });
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
      const head = await fetch(service.url + path, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    }
    for (const path of ['/assets/none.js', '/assets/..%2Findex.html', '/assets/index.html'])
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 404]);
  });

  it('say nothing about TLS, which ends elsewhere', async () => {
    expect((await headersOf('GET', '/docs')).get('strict-transport-security')).toBeNull();
  });

  it.each(['/docs', '/docs/', '/docs/index.html'])(
    'of %s allow all that is in the page, and no script within it',
    async (path) => {
      const page = await fetch(service.url + path, { headers: service.keyHeader });
      const html = await page.text();
      const policy = policyOf(page.headers);
      expect(policy.get('default-src')).toEqual(["'none'"]);
      expect(policy.get('script-src')).toEqual(["'self'"]);
      expect(policy.get('connect-src')).toEqual(["'self'"]);
      const scripts = [...html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
      expect(scripts.length).toBeGreaterThan(2);
      for (const [, attributes, text] of scripts) {
        expect(attributes).toMatch(/src="\.\//);
        expect(text!.trim()).toBe('');
      }
      expect(html).not.toMatch(/\son\w+=|javascript:/i);
      for (const [, address] of html.matchAll(/<(?:link|img)[^>]+(?:href|src)="([^"]+)"/g))
        expect(address).toMatch(/^\.\//);
      const styles = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map(([, text]) => text!);
      const inTags = [...html.matchAll(/\sstyle="([^"]*)"/g)].map(([, text]) => text!);
      expect([styles.length, inTags.length]).toEqual([2, 1]);
      expect(policy.get('style-src')).toEqual(
        expect.arrayContaining(["'self'", "'unsafe-hashes'", ...[...styles, ...inTags].map(hashOf)]),
      );
      expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe-inline|unsafe-eval|http/);
    },
  );
});
