import 'reflect-metadata';
import { isIP } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { runProcess, StartError, type Environment } from '@app/config';
import { checkQueueServer } from '@app/queue';
import { AppModule } from './app.module.js';
import { configureApp, createAdapter } from './configure-app.js';

await runProcess('api', async (environment, logger) => {
  refuseOpenAddress(environment);
  await checkQueueServer(environment, {
    onWaiting: (server) => logger.warn({ event: 'api.waiting', server }),
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(environment), {
    logger,
    abortOnError: false,
  });
  configureApp(app, environment);
  await listen(app, environment);
  return { app, host: environment.HOST, port: environment.PORT };
});

async function listen(app: NestFastifyApplication, { HOST, PORT }: Environment): Promise<void> {
  try {
    await app.listen(PORT, HOST);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new StartError(
      `Port ${PORT} of ${HOST} is in use. Choose another with PORT, or another address with HOST.`,
    );
  }
}

/** There are no keys yet, so whoever can reach the address can do everything. */
function refuseOpenAddress({ HOST, ALLOW_REMOTE_WITHOUT_KEYS }: Environment): void {
  if (isLoopback(HOST) || ALLOW_REMOTE_WITHOUT_KEYS === '1') return;
  throw new StartError(
    `HOST ${HOST} can be reached from other machines and the API has no keys. Use 127.0.0.1, or set ALLOW_REMOTE_WITHOUT_KEYS=1 where something else guards the port.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
