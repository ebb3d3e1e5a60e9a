import type { INestApplicationContext } from '@nestjs/common';
import { loadEnvironment, type Environment } from './env.js';
import { JsonLogger } from './json-logger.js';
import { StartError } from './start-error.js';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/**
 * For what closes after the drain. Each part has its own, shorter limit; this one holds when those do not.
 */
const CLOSE_LIMIT_MS = 8_000;

/** An application that does its work, and what the log shall say of it. */
export interface Started {
  readonly app: INestApplicationContext;
  /** Lets what is going on end before anything closes. */
  readonly drain?: () => Promise<void>;
  /** Comes last of all. */
  readonly afterClose?: () => Promise<void>;
  readonly [field: string]: unknown;
}

/** From the first signal until the process ends, at the latest. */
export function exitLimitMs({ DRAIN_SECONDS }: Pick<Environment, 'DRAIN_SECONDS'>): number {
  return DRAIN_SECONDS * 1_000 + CLOSE_LIMIT_MS;
}

let nameOf = 'program';

/** The name of this process, as `runProcess` was told; `program` where it runs none. */
export function nameOfProcess(): string {
  return nameOf;
}

/**
 * The life of a process of the service, from its environment to its exit code: 0 when it ended as it was told
 * to, 1 when it could not start, did not end in time or was told twice to end. What a person can mend is one
 * sentence in the log; the rest comes with its stack.
 *
 * @param name first part of the events `.started`, `.stopping`, `.not-started` and `.not-stopped`
 * @param start resolves once the process does its work
 */
export async function runProcess(
  name: string,
  start: (environment: Environment, logger: JsonLogger) => Promise<Started>,
): Promise<void> {
  nameOf = name;
  try {
    const environment = loadEnvironment();
    const logger = new JsonLogger(environment.LOG_LEVEL);
    const ending = new Ending(name, logger, exitLimitMs(environment));
    const { app, drain, afterClose, ...fields } = await start(environment, logger);
    ending.started = { app, drain, afterClose };
    logger.log({ event: `${name}.started`, ...fields });
  } catch (error) {
    const reason = error instanceof StartError ? error.message : error;
    new JsonLogger('fatal').fatal({ event: `${name}.not-started`, reason });
    process.exit(1);
  }
}

/**
 * On the first signal the process ends in order; at once on a second one, and on one that comes
 * before it has started.
 */
class Ending {
  started: (Pick<Started, 'app'> & Record<'drain' | 'afterClose', Started['drain']>) | null = null;
  #isStopping = false;

  constructor(
    private readonly name: string,
    private readonly logger: JsonLogger,
    private readonly limitMs: number,
  ) {
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.#receive(signal));
  }

  #receive(signal: NodeJS.Signals): void {
    this.logger.log({ event: `${this.name}.stopping`, signal });
    if (this.#isStopping) process.exit(1);
    if (!this.started) process.exit(0);
    this.#isStopping = true;
    setTimeout(() => process.exit(1), this.limitMs).unref();
    void this.#stop(this.started);
  }

  async #stop({ app, drain, afterClose }: NonNullable<Ending['started']>): Promise<void> {
    try {
      await drain?.();
      await app.close();
      await afterClose?.();
      process.exit(0);
    } catch (error) {
      this.logger.error({ event: `${this.name}.not-stopped`, error });
      process.exit(1);
    }
  }
}
