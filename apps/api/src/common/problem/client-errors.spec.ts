import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { answerClientError } from './client-errors.js';

const SOON = { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 };

describe('a request that Node cannot read', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(SOON, (request, response) => request.on('end', () => response.end()).resume());
    server.on('clientError', answerClientError);
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    await once(server.close(), 'close');
  });

  /** All that comes back until the server closes the connection. */
  async function answerTo(sent: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(sent);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  }

  it.each([
    ['whose headers do not end in time', 408, 'request-timeout', 'GET / HTTP/1.1\r\nhost: here\r\n'],
    [
      'whose body does not end in time',
      408,
      'request-timeout',
      'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n{',
    ],
    [
      'whose headers are too long',
      431,
      'headers-too-large',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: here\r\n\r\n`,
    ],
    ['that is not HTTP', 400, 'malformed-request', 'hello\r\n\r\n'],
  ])('%s is answered by a problem document of %s, and the connection ends', async (_, status, type, sent) => {
    const [head, body] = (await answerTo(sent)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch('content-type: application/problem+json');
    expect(JSON.parse(body!)).toMatchObject({ type: `/problems/${type}`, status });
  });
});
