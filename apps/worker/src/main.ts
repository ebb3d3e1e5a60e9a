import 'reflect-metadata';
import { setPriority } from 'node:os';
import { CODE_VERSION, runProcess } from '#config';
import { checkDatabase } from '#data';
import { checkRedis } from '#queue';
import { startTracing } from '#tracing';
import { WORKER_ID } from './common/worker-identity.js';

await runProcess('worker', async (environment, logger) => {
  // Training takes what others leave: an API on the same machine goes first. Threads inherit it.
  setPriority(environment.WORKER_NICENESS);
  const onWaiting = (server: string) => logger.warn({ event: 'worker.waiting', server });
  await checkDatabase(environment, { onWaiting });
  await checkRedis(environment, { onWaiting });
  const afterClose = await startTracing({
    serviceName: 'sparserec-worker',
    version: CODE_VERSION,
    environment,
    logger,
  });
  // Loaded only now: it takes most of the start, and a wrong setting is told before.
  const { NestFactory } = await import('@nestjs/core');
  const { WorkerModule } = await import('./worker.module.js');
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger, abortOnError: false });
  const { WorkerServer } = await import('./telemetry/worker-server.js');
  return { app, afterClose, workerId: WORKER_ID, host: environment.HOST, port: app.get(WorkerServer).port };
});
