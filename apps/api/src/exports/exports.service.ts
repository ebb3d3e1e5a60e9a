import { once } from 'node:events';
import { Readable, type Transform } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ExportsRepository, type ExportedTable, type ExportFormat } from '#data';
import { DomainError, type JsonObject } from '#domain';
import type { LogNames } from '#tracing';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { untilIdle } from './until-idle.js';

/** Each has a connection to PostgreSQL until its client has taken all of it. */
const MOST_AT_A_TIME = 2;
const RETRY_AFTER_SECONDS = 10;

interface ExportOptions {
  readonly format: ExportFormat;
  /** Whether only the head of the answer is asked for. */
  readonly isHead: boolean;
  /** Of the lines of the log. */
  readonly names: LogNames;
}

/** Streams of what is stored in a catalog. */
@Injectable()
export class ExportsService {
  readonly #logger = new Logger(ExportsService.name);
  #running = 0;

  constructor(
    private readonly exports: ExportsRepository,
    private readonly catalogs: ServingCatalogs,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async loadSettings(catalogId: string): Promise<JsonObject> {
    await this.catalogs.get(catalogId);
    return this.exports.loadSettings(catalogId);
  }

  /**
   * A stream that has something to read, or is at its end. It is destroyed when the export breaks off, and
   * the export ends when it is.
   *
   * @throws DomainError `catalog-not-found`, `too-busy`
   */
  async open(catalogId: string, table: ExportedTable, options: ExportOptions): Promise<Readable> {
    await this.catalogs.get(catalogId);
    if (options.isHead) return Readable.from([]);
    if (this.#running >= MOST_AT_A_TIME) throw tooMany();
    const rows = untilIdle(this.environment.IMPORT_IDLE_SECONDS * 1_000);
    void this.#write(catalogId, table, options, rows);
    await once(rows, 'readable');
    return rows;
  }

  async #write(
    catalogId: string,
    table: ExportedTable,
    { format, names }: ExportOptions,
    rows: Transform,
  ): Promise<void> {
    const startedAt = performance.now();
    this.#running++;
    try {
      await this.exports.write(catalogId, table, format, rows).finally(() => this.#running--);
      rows.end();
    } catch (error) {
      rows.destroy(error as Error);
      const durationMs = Math.round(performance.now() - startedAt);
      const reason = (error as Error).message;
      this.#logger.warn({
        event: 'export.broken-off',
        ...names,
        catalogId,
        table,
        format,
        durationMs,
        reason,
      });
    }
  }
}

function tooMany(): DomainError {
  const detail = `This process writes ${MOST_AT_A_TIME} exports already`;
  return new DomainError('too-busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
