import 'reflect-metadata';
import { constants, setPriority } from 'node:os';
import { EnvironmentError, loadEnvironment, type Environment } from '@app/config';
import { checkQueueServer, QueueServerError } from '@app/queue';
import { NestFactory } from '@nestjs/core';
import { JsonLogger } from './common/json-logger.js';
import { WORKER_ID } from './common/worker-identity.js';
import { WorkerModule } from './worker.module.js';

/** Everything that has to end gracefully has its own, shorter limit; this one holds when those do not. */
const EXIT_LIMIT_MS = 8_000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Training takes what others leave: an API on the same machine goes first. Threads that start later inherit it. */
const NICENESS = constants.priority.PRIORITY_BELOW_NORMAL;

async function start(environment: Environment, logger: JsonLogger): Promise<void> {
  setPriority(NICENESS);
  await checkQueueServer(environment, {
    onWaiting: (server) => logger.warn({ event: 'worker.waiting', server }),
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger, abortOnError: false });
  app.enableShutdownHooks([...SIGNALS], { useProcessExit: true });
  exitInTime(logger);
  logger.log({ event: 'worker.started', workerId: WORKER_ID });
}

function exitInTime(logger: JsonLogger): void {
  for (const signal of SIGNALS)
    process.once(signal, () => {
      logger.log({ event: 'worker.stopping', signal });
      setTimeout(() => process.exit(1), EXIT_LIMIT_MS).unref();
    });
}

/** Errors that a person can mend are one sentence; the others come with their stack. */
function reportAndExit(logger: JsonLogger, error: unknown): never {
  const isExplained = error instanceof EnvironmentError || error instanceof QueueServerError;
  logger.fatal({ event: 'worker.not-started', reason: isExplained ? error.message : error });
  process.exit(1);
}

try {
  const environment = loadEnvironment();
  const logger = new JsonLogger(environment.LOG_LEVEL);
  await start(environment, logger).catch((error: unknown) => reportAndExit(logger, error));
} catch (error) {
  reportAndExit(new JsonLogger('fatal'), error);
}
