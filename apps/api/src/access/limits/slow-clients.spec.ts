import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { SlowClients } from './slow-clients.js';

const LIMIT_MS = 60_000;
/** More than lies between a server and its client. */
const MUCH = 'a'.repeat(2 ** 24);
const CHUNKS = 200;

describe('clients', () => {
  let server: Server;
  let client: Socket;
  /** Those that have begun, as `HttpDrain` has them. */
  let calls: Set<ServerResponse>;

  beforeEach(async () => {
    calls = new Set();
    server = createServer((_, response) => {
      calls.add(response);
      response.once('close', () => calls.delete(response));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
  });
  afterEach(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  const until = async (condition: () => boolean) => {
    while (!condition()) await setImmediate();
  };
  const begin = async (head: string, body = ''): Promise<ServerResponse> => {
    client.write(`${head} HTTP/1.1\r\nhost: a\r\n${body}`);
    await until(() => calls.size > 0);
    return [...calls][0]!;
  };
  const finder = () => {
    const slow = new SlowClients(LIMIT_MS);
    return (nowMs: number) => [...slow.find(calls, nowMs)].length;
  };

  it('that take nothing of an answer are slow after the limit, whatever they send', async () => {
    const response = await begin('GET /', '\r\n');
    const numSlow = finder();
    expect([numSlow(0), numSlow(2 * LIMIT_MS)]).toEqual([0, 0]);
    response.end(MUCH);
    client.write('GET /next HTTP/1.1\r\n');
    expect([numSlow(3 * LIMIT_MS), numSlow(4 * LIMIT_MS - 1), numSlow(4 * LIMIT_MS)]).toEqual([0, 0, 1]);
  });

  it('that take one chunk of an answer after the other are not slow', async () => {
    const response = await begin('GET /', '\r\n');
    client.pause();
    const numSlow = finder();
    const chunk = Buffer.alloc(MUCH.length / CHUNKS);
    for (let n = 0; n < CHUNKS; n++) response.write(chunk);
    const { socket } = response.req;
    await until(() => socket.writableLength > 0);
    for (let nowMs = 0; calls.size > 0 && socket.writableLength > 0; nowMs += LIMIT_MS) {
      expect(numSlow(nowMs)).toBe(0);
      const waiting = socket.writableLength;
      client.resume();
      await until(() => socket.writableLength < waiting);
      client.pause();
    }
    expect(socket.writableLength).toBe(0);
  });

  it('that do not send all of a body are slow after the limit, but not those that import', async () => {
    await begin('POST /v1/catalogs/default/interactions', 'content-length: 9\r\n\r\n{');
    const numSlow = finder();
    expect([numSlow(0), numSlow(LIMIT_MS - 1), numSlow(LIMIT_MS)]).toEqual([0, 0, 1]);
  });

  it.each(['/v1/catalogs/default/items/import', '/v1/catalogs/default/items/import?dryRun=true'])(
    'that import by %s have a limit of their own',
    async (address) => {
      await begin(`POST ${address}`, 'content-length: 9\r\n\r\n{');
      const numSlow = finder();
      expect([numSlow(0), numSlow(LIMIT_MS)]).toEqual([0, 0]);
    },
  );
});
