import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { callService, parseServiceUrl } from './service.js';

const reply = z.object({ id: z.string() });

describe('callService', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string };

  beforeAll(async () => {
    server = createServer(({ method, url: path }, response) => {
      response.writeHead(answer.status).end(answer.body.replace('METHOD PATH', `${method} ${path}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('sends the call and returns what was expected of the answer', async () => {
    answer = { status: 202, body: '{"id":"METHOD PATH","more":1}' };
    expect(await callService({ url: url }, ['DELETE', '/v1/x'], reply)).toEqual({ id: 'DELETE /v1/x' });
  });

  it('throws the problem that was answered', async () => {
    answer = { status: 404, body: '{"type":"/problems/catalog-not-found","detail":"There is no such"}' };
    await expect(callService({ url: url }, ['GET', '/'], reply)).rejects.toMatchObject({
      code: 'catalog-not-found',
      message: 'There is no such',
    });
    answer = { status: 500, body: '{"type":"about:blank","detail":"of a later version"}' };
    await expect(callService({ url: url }, ['GET', '/'], reply)).rejects.toMatchObject({
      code: 'internal-error',
      message: 'of a later version',
    });
  });

  it.each([
    [200, '<html>'],
    [200, '{"name":"something else"}'],
    [502, ''],
    [404, '{"error":"no"}'],
  ])('says that %i %j is not an answer of the service', async (status, body) => {
    answer = { status, body };
    await expect(callService({ url: url }, ['GET', '/'], reply)).rejects.toMatchObject({
      code: 'validation-failed',
      message: `What answers at ${url} is not sparserec (HTTP ${status})`,
    });
  });

  it('says that nothing answers, and how to change that', async () => {
    await expect(callService({ url: 'http://127.0.0.1:1' }, ['GET', '/'], reply)).rejects.toMatchObject({
      code: 'validation-failed',
      message: expect.stringMatching(/^No service answers at http:\/\/127\.0\.0\.1:1: start it .* --url$/),
    });
  });
});

describe('parseServiceUrl', () => {
  it('takes addresses of HTTP, with a path or a slash at their end', () => {
    expect(parseServiceUrl('http://127.0.0.1:3000/')).toBe('http://127.0.0.1:3000');
    expect(parseServiceUrl('https://example.org/shop//')).toBe('https://example.org/shop');
  });

  it.each(['127.0.0.1:3000', 'postgresql://host/db', 'shop', ''])('refuses %j', (text) => {
    expect(() => parseServiceUrl(text)).toThrow('such as http://127.0.0.1:3000');
  });
});
