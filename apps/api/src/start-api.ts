import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { explainListenError, type Environment, type JsonLogger, type Started } from '#config';
import { AppModule } from './app.module.js';
import { configureApp, createAdapter } from './configure-app.js';
import { HttpDrain } from './draining/http-drain.js';

/** Listens once everything is in its place. */
export async function startApi(environment: Environment, logger: JsonLogger): Promise<Started> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(environment), {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  configureApp(app, environment);
  await listen(app, environment);
  const { HOST: host, PORT: port, DRAIN_SECONDS } = environment;
  return { app, drain: () => app.get(HttpDrain).drain(DRAIN_SECONDS * 1_000), host, port };
}

async function listen(app: NestFastifyApplication, { HOST, PORT }: Environment): Promise<void> {
  try {
    await app.listen(PORT, HOST);
  } catch (error) {
    throw explainListenError(error, { host: HOST, port: PORT, variable: 'PORT' });
  }
}
