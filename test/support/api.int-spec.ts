import { once } from 'node:events';
import { createServer } from 'node:net';
import { TestService } from './api.js';
import { waitFor } from './processes.js';
import { REDIS_SERVER } from './redis.js';

const REDIS = { redis: REDIS_SERVER !== '' };

const untilNothingIsLeft = () =>
  waitFor('everything to end', () => {
    const left = process.getActiveResourcesInfo();
    return !left.includes('ProcessWrap') && !left.includes('TCPSocketWrap');
  });

describe('TestService', () => {
  it('leaves no process and no connection when it cannot start, and says why', async () => {
    const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { readonly port: number };
    const starting = TestService.start({ ...REDIS, env: { PORT: String(port) } });
    await expect(starting).rejects.toThrow(`Port ${port}`);
    taken.close();
    await once(taken, 'close');
    await untilNothingIsLeft();
  });

  it('does not start without its worker', async () => {
    const code = 'if(process.argv[1].includes("worker"))process.exit(3)';
    const starting = TestService.start({
      ...REDIS,
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` },
    });
    await expect(starting).rejects.toThrow('The process programs/worker.js did not log worker.started');
    await untilNothingIsLeft();
  });

  it.each(['api', 'worker'] as const)('ends every wait and call when its %s ends by itself', async (name) => {
    const service = await TestService.start(REDIS);
    const waiting = waitFor('nothing', () => false);
    process.kill(service[name].pid, 'SIGKILL');
    const lastWords = new RegExp(`${name}.js ended by itself, SIGKILL\\.\n.*"${name}\\.started"`, 's');
    await expect(waiting).rejects.toThrow(lastWords);
    await expect(service.get('/health/live')).rejects.toThrow(lastWords);
    await expect(service.stop()).rejects.toThrow(lastWords);
    await untilNothingIsLeft();
  });

  it('says what its processes have logged when a wait ends in vain', async () => {
    const service = await TestService.start(REDIS);
    await expect(waitFor('nothing', () => false, 1)).rejects.toThrow(
      /Waited 1 ms for nothing\.\n.*"api\.started".*"worker\.started"/s,
    );
    await service.stop();
  });
});
