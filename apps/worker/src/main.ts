import 'reflect-metadata';
import { constants, setPriority } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { runProcess } from '#config';
import { checkDatabase } from '#data';
import { checkRedis } from '#queue';
import { WORKER_ID } from './common/worker-identity.js';
import { WorkerModule } from './worker.module.js';

/**
 * Training takes what others leave: an API on the same machine goes first. Threads that
 * start later inherit it.
 */
const NICENESS = constants.priority.PRIORITY_BELOW_NORMAL;

await runProcess('worker', async (environment, logger) => {
  setPriority(NICENESS);
  const onWaiting = (server: string) => logger.warn({ event: 'worker.waiting', server });
  await checkDatabase(environment, { onWaiting });
  await checkRedis(environment, { onWaiting });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger, abortOnError: false });
  return { app, workerId: WORKER_ID };
});
