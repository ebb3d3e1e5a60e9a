import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '#config';
import { ImportsRepository, type ChangedUser, type ImportedBatch } from '#data';
import { understand, type Dataset, type DatasetSummary, type Sources } from '#datasets';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { toStoredReply } from '../interactions/dto/interactions.dto.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import { BODY, charsetOf, spoolBody } from './import-body.js';
import { toDatasetOptions, type ImportQuery } from './import-query.dto.js';
import type { ImportReply } from './import-reply.dto.js';
import { inWordsOfHttp } from './words-of-http.js';

/** What is open until the import has ended. */
interface OpenImport {
  readonly sources: Sources;
  readonly dataset: Dataset;
}

/** Stores what a body of any understood format brings: everything or nothing. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async import(
    catalogId: string,
    request: FastifyRequest,
    query: ImportQuery,
    call: KeyedCall | undefined,
  ): Promise<ImportReply> {
    await this.catalogs.get(catalogId);
    const sources: Sources[] = [];
    const open = async () => {
      const opened = await this.#open(request, query);
      sources.push(opened.sources);
      return opened.dataset;
    };
    try {
      if (query.dryRun) return forHttp((await open()).summary);
      return await this.#store(catalogId, open, { query, call });
    } finally {
      for (const opened of sources) await opened.dispose();
    }
  }

  async #open(request: FastifyRequest, query: ImportQuery): Promise<OpenImport> {
    const options = {
      ...toDatasetOptions(query, charsetOf(request)),
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
    };
    const sources = await spoolBody(request, this.environment);
    try {
      return { sources, dataset: await understand(sources, options) };
    } catch (error) {
      await sources.dispose();
      throw inWordsOfHttp(error);
    }
  }

  /**
   * Reads the body before the transaction, but with an `Idempotency-Key` inside of it, since the key is
   * locked from the first byte on.
   */
  async #store(
    catalogId: string,
    open: () => Promise<Dataset>,
    { query, call }: { readonly query: ImportQuery; readonly call: KeyedCall | undefined },
  ): Promise<ImportReply> {
    let dataset = call ? null : await open();
    const opened = async () => (dataset ??= await open());
    const reply = (imported: ImportedBatch) => toReply(imported, dataset!);
    const imported = await this.imports.importAll(
      catalogId,
      async () => {
        const { isSet, interactionTypes, ...data } = await opened();
        return { items: data.items(), interactions: data.interactions(), interactionTypes, isSet };
      },
      {
        onInvalid: query.onInvalid,
        beforeCommit: (changed: readonly ChangedUser[]) => this.histories.invalidate(catalogId, changed),
        keyed: call?.keeping(reply),
      },
    );
    await this.catalogs.refreshItems(catalogId);
    const { changedUsers } = imported;
    await this.histories.warm(catalogId, changedUsers === 'many' ? [] : changedUsers);
    return reply(imported);
  }
}

function toReply(imported: ImportedBatch, { summary, refused }: Dataset): ImportReply {
  return { ...toStoredReply(imported, refused), summary: forHttp(summary) };
}

/** The body has no name that the command line could be told. */
function forHttp(summary: DatasetSummary): DatasetSummary {
  return { ...summary, command: summary.command.replace(`'${BODY}'`, 'FILE') };
}
