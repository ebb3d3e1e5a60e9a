import { once } from 'node:events';
import { createServer } from 'node:net';
import { TestService } from './api.js';
import { waitFor } from './processes.js';
import { REDIS_SERVER } from './redis.js';

describe('TestService', () => {
  it('leaves no process and no connection when it cannot start, and says why', async () => {
    const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { readonly port: number };
    const env = { PORT: String(port) };
    const starting = TestService.start({ redis: REDIS_SERVER !== '', env });
    await expect(starting).rejects.toThrow(`Port ${port}`);
    taken.close();
    await once(taken, 'close');
    await waitFor('everything to end', () => {
      const left = process.getActiveResourcesInfo();
      return !left.includes('ProcessWrap') && !left.includes('TCPSocketWrap');
    });
  });
});
