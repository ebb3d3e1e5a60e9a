import { once } from 'node:events';
import type { Readable, Transform, Writable } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { DomainError } from '#domain';
import type { LogNames } from '#tracing';
import { untilIdle } from './until-idle.js';

/** Each has a connection to PostgreSQL until its client has taken all of it. */
const MOST_AT_A_TIME = 2;
const RETRY_AFTER_SECONDS = 10;

/** What is exported, for the line of the log when it breaks off. */
type Exported = LogNames & { readonly catalogId: string; readonly table: string; readonly format?: string };

/** Streams of what is stored, of which a process writes a few at a time. */
@Injectable()
export class ExportStreams {
  readonly #logger = new Logger(ExportStreams.name);
  #running = 0;

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {}

  /**
   * A stream that has something to read, or is at its end. It is destroyed when the export breaks off, and
   * the export ends when it is.
   *
   * @param write leaves its output open
   * @throws DomainError `too-busy`
   */
  async open(exported: Exported, write: (output: Writable) => Promise<void>): Promise<Readable> {
    if (this.#running >= MOST_AT_A_TIME) throw tooMany();
    const rows = untilIdle(this.environment.IMPORT_IDLE_SECONDS * 1_000);
    void this.#write(exported, write, rows);
    await once(rows, 'readable');
    return rows;
  }

  async #write(
    exported: Exported,
    write: (output: Writable) => Promise<void>,
    rows: Transform,
  ): Promise<void> {
    const startedAt = performance.now();
    this.#running++;
    try {
      await write(rows).finally(() => this.#running--);
      rows.end();
    } catch (error) {
      rows.destroy(error as Error);
      const durationMs = Math.round(performance.now() - startedAt);
      const reason = (error as Error).message;
      this.#logger.warn({ event: 'export.broken-off', ...exported, durationMs, reason });
    }
  }
}

function tooMany(): DomainError {
  const detail = `This process writes ${MOST_AT_A_TIME} exports already`;
  return new DomainError('too-busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
