import type { INestApplicationContext } from '@nestjs/common';
import { loadEnvironment, type Environment } from './env.js';
import { JsonLogger } from './json-logger.js';
import { StartError } from './start-error.js';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Everything that has to end gracefully has its own, shorter limit; this one holds when those do not. */
const EXIT_LIMIT_MS = 8_000;

/** An application that does its work, and what the log shall say of it. */
export interface Started {
  readonly app: INestApplicationContext;
  readonly [field: string]: unknown;
}

/**
 * The life of a process of the service, from its environment to its exit code: 0 when it ended as it was told to, 1 when it
 * could not start or did not end in time. What a person can mend is one sentence in the log; the rest comes with its stack.
 *
 * @param name first part of the events `.started`, `.stopping` and `.not-started`
 * @param start resolves once the process does its work
 */
export async function runProcess(
  name: string,
  start: (environment: Environment, logger: JsonLogger) => Promise<Started>,
): Promise<void> {
  try {
    const environment = loadEnvironment();
    const logger = new JsonLogger(environment.LOG_LEVEL);
    const { app, ...fields } = await start(environment, logger);
    stopOnSignals(name, app, logger);
    logger.log({ event: `${name}.started`, ...fields });
  } catch (error) {
    const reason = error instanceof StartError ? error.message : error;
    new JsonLogger('fatal').fatal({ event: `${name}.not-started`, reason });
    process.exit(1);
  }
}

function stopOnSignals(name: string, app: INestApplicationContext, logger: JsonLogger): void {
  app.enableShutdownHooks([...STOP_SIGNALS], { useProcessExit: true });
  for (const signal of STOP_SIGNALS)
    process.once(signal, () => {
      logger.log({ event: `${name}.stopping`, signal });
      setTimeout(() => process.exit(1), EXIT_LIMIT_MS).unref();
    });
}
