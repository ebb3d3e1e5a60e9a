import { Readable, type Writable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { PersonExportsRepository } from '#data';
import { DomainError } from '#domain';
import type { LogNames } from '#tracing';
import { ExportStreams } from '../exports/export-streams.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { CachedPersons } from './cached-person.js';

interface PersonOptions {
  /** Whether only the head of the answer is asked for. */
  readonly isHead: boolean;
  /** Of the lines of the log. */
  readonly names: LogNames;
}

/** Streams everything on one person. */
@Injectable()
export class PersonExportsService {
  constructor(
    private readonly exports: PersonExportsRepository,
    private readonly cached: CachedPersons,
    private readonly streams: ExportStreams,
    private readonly catalogs: ServingCatalogs,
  ) {}

  /**
   * Lines of JSON, each with a `kind`: what PostgreSQL has at one moment, after what the cache held a moment
   * before.
   *
   * @throws DomainError `catalog-not-found`, `user-not-found`, `cache-unavailable`, `too-busy`
   */
  async open(catalogId: string, userId: string, { isHead, names }: PersonOptions): Promise<Readable> {
    await this.catalogs.get(catalogId);
    if (isHead) return Readable.from([]);
    const { ids, isStored } = await this.exports.findIds(catalogId, userId);
    const cached = (await Promise.all(ids.map((id) => this.cached.findRows(catalogId, id)))).flat();
    if (cached.length === 0 && !isStored) throw nothing(userId);
    const write = async (output: Writable) => {
      await this.exports.write(catalogId, ids[0] ?? userId, output);
      for (const row of cached) output.write(`${JSON.stringify(row)}\n`);
    };
    return this.streams.open({ ...names, catalogId, table: 'person' }, write);
  }
}

function nothing(userId: string): DomainError {
  return new DomainError('user-not-found', `Nothing is stored of a user "${userId}"`);
}
