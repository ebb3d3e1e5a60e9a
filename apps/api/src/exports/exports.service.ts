import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ExportsRepository, type ExportedTable, type ExportFormat } from '#data';
import type { JsonObject } from '#domain';
import type { LogNames } from '#tracing';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { ExportStreams } from './export-streams.js';

interface ExportOptions {
  readonly format: ExportFormat;
  /** Whether only the head of the answer is asked for. */
  readonly isHead: boolean;
  /** Of the lines of the log. */
  readonly names: LogNames;
}

/** Streams of the tables of a catalog. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly exports: ExportsRepository,
    private readonly streams: ExportStreams,
    private readonly catalogs: ServingCatalogs,
  ) {}

  async loadSettings(catalogId: string): Promise<JsonObject> {
    await this.catalogs.get(catalogId);
    return this.exports.loadSettings(catalogId);
  }

  /** @throws DomainError `catalog-not-found`, `too-busy` */
  async open(catalogId: string, table: ExportedTable, options: ExportOptions): Promise<Readable> {
    await this.catalogs.get(catalogId);
    const { format, isHead, names } = options;
    if (isHead) return Readable.from([]);
    return this.streams.open({ ...names, catalogId, table, format }, (rows) =>
      this.exports.write(catalogId, table, format, rows),
    );
  }
}
