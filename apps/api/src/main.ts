import 'reflect-metadata';
import { CODE_VERSION, runProcess } from '#config';
import { checkDatabase } from '#data';
import { checkRedis } from '#queue';
import { startTracing } from '#tracing';
import { keepNextTickFast } from './common/concurrency/next-tick.js';

keepNextTickFast();
await runProcess('api', async (environment, logger) => {
  const onWaiting = (server: string) => logger.warn({ event: 'api.waiting', server });
  await checkDatabase(environment, { onWaiting });
  await checkRedis(environment, { onWaiting });
  const endTracing = await startTracing({
    serviceName: 'sparserec-api',
    version: CODE_VERSION,
    environment,
    logger,
  });
  // Loaded only now: it takes most of the start, and a wrong setting is told before.
  const { startApi } = await import('./start-api.js');
  return { ...(await startApi(environment, logger)), afterClose: endTracing };
});
