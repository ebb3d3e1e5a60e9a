import 'reflect-metadata';
import { isIP } from 'node:net';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EnvironmentError, loadEnvironment, type Environment } from '@app/config';
import { checkQueueServer, QueueServerError } from '@app/queue';
import { AppModule } from './app.module.js';
import { configureApp, createAdapter } from './configure-app.js';

/** Holds when something does not end by itself. */
const EXIT_LIMIT_MS = 9_000;

/** The process cannot start, for a reason that a person can mend. */
class StartError extends Error {}

/** Our levels in Nest's words, from most to least severe. */
const NEST_LEVELS = { fatal: 'fatal', error: 'error', warn: 'warn', info: 'log', debug: 'debug' } as const;

try {
  await start(loadEnvironment());
} catch (error) {
  const isExplained =
    error instanceof EnvironmentError || error instanceof QueueServerError || error instanceof StartError;
  process.stderr.write(
    `${isExplained ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}

async function start(environment: Environment): Promise<void> {
  refuseOpenAddress(environment);
  await checkQueueServer(environment);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(environment), {
    logger: new ConsoleLogger({ json: true, logLevels: logLevels(environment.LOG_LEVEL) }),
    abortOnError: false,
  });
  configureApp(app, environment);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.once(signal, () => setTimeout(() => process.exit(1), EXIT_LIMIT_MS).unref());
  await listen(app, environment);
}

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

function logLevels(least: Environment['LOG_LEVEL']): LogLevel[] {
  if (least === 'silent') return [];
  const names = Object.keys(NEST_LEVELS) as (keyof typeof NEST_LEVELS)[];
  return names.slice(0, names.indexOf(least) + 1).map((name) => NEST_LEVELS[name]);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
