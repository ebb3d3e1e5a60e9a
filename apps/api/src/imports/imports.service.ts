import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '#config';
import { ImportsRepository, type ImportedBatch, type ImportedData } from '#data';
import {
  toChecked,
  understand,
  understandItems,
  understandUsers,
  withRefused,
  type Dataset,
  type ItemsDataset,
  type Sources,
  type UsersDataset,
} from '#datasets';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { toStoredReply } from '../interactions/dto/interactions.dto.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import { charsetOf, spoolBody } from './import-body.js';
import {
  toDatasetOptions,
  type ImportItemsQuery,
  type ImportQuery,
  type ImportUsersQuery,
} from './import-query.dto.js';
import type { ImportItemsReply, ImportReply, ImportUsersReply } from './import-reply.dto.js';
import { UnderstoodBody } from './understood-body.js';
import { inWordsOfHttp, toParameters } from './words-of-http.js';

/** An import and what is answered to it. */
interface ImportCall<Understood, Reply> {
  readonly request: FastifyRequest;
  readonly query: Pick<ImportQuery, 'dryRun' | 'onInvalid'>;
  readonly idempotent: IdempotentCall | undefined;
  readonly read: (sources: Sources) => Promise<Understood>;
  readonly toData: (understood: Understood) => ImportedData;
  readonly toDryReply: (understood: Understood) => Reply | Promise<Reply>;
  readonly toReply: (imported: ImportedBatch, understood: Understood) => Reply;
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

  importInteractions(
    catalogId: string,
    request: FastifyRequest,
    query: ImportQuery,
    idempotent: IdempotentCall | undefined,
  ): Promise<ImportReply> {
    const options = {
      ...toDatasetOptions(query, charsetOf(request)),
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
    };
    return this.#import<Dataset, ImportReply>(catalogId, {
      ...{ request, query, idempotent },
      read: (sources) => understand(sources, options),
      toData: ({ isSet, interactionTypes, ...data }) => ({
        ...{ isSet, interactionTypes },
        items: data.items(),
        interactions: data.interactions(),
      }),
      toDryReply: async (dataset) => {
        const { onInvalid } = query;
        const refused = await this.imports.check(catalogId, toChecked(dataset), { onInvalid });
        return forHttp({ ...dataset, summary: withRefused(dataset.summary, refused) });
      },
      toReply: (imported, dataset) => ({
        ...toStoredReply(imported, dataset.refused),
        summary: forHttp(dataset),
      }),
    });
  }

  importItems(
    catalogId: string,
    request: FastifyRequest,
    query: ImportItemsQuery,
    idempotent: IdempotentCall | undefined,
  ): Promise<ImportItemsReply> {
    const { onInvalid, dryRun: _, encoding = charsetOf(request), ...told } = query;
    const options = {
      ...{ ...told, encoding, skipInvalid: onInvalid === 'skip' },
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
    };
    return this.#import<ItemsDataset, ImportItemsReply>(catalogId, {
      ...{ request, query, idempotent },
      read: ({ sources }) => understandItems(sources[0]!, options),
      toData: (understood) => ({ items: understood.items() }),
      toDryReply: forHttp,
      toReply: ({ items }, understood) => ({ ...items, summary: forHttp(understood) }),
    });
  }

  importUsers(
    catalogId: string,
    request: FastifyRequest,
    query: ImportUsersQuery,
    idempotent: IdempotentCall | undefined,
  ): Promise<ImportUsersReply> {
    const { onInvalid, dryRun: _, encoding = charsetOf(request), ...told } = query;
    const options = { ...told, encoding, skipInvalid: onInvalid === 'skip' };
    return this.#import<UsersDataset, ImportUsersReply>(catalogId, {
      ...{ request, query, idempotent },
      read: ({ sources }) => understandUsers(sources[0]!, options),
      toData: (understood) => ({ users: understood.users() }),
      toDryReply: forHttp,
      toReply: ({ users }, understood) => ({ ...users, summary: forHttp(understood) }),
    });
  }

  /**
   * Reads the body before the transaction, but with an `Idempotency-Key` inside of it, since the key is
   * locked from the first byte on.
   */
  async #import<Understood, Reply>(catalogId: string, call: ImportCall<Understood, Reply>): Promise<Reply> {
    await this.catalogs.get(catalogId);
    const body = new UnderstoodBody(() => spoolBody(call.request, this.environment), call.read);
    try {
      if (call.query.dryRun) return await call.toDryReply(await body.open());
      if (!call.idempotent) await body.open();
      const toReply = (imported: ImportedBatch) => call.toReply(imported, body.understood);
      const imported = await this.histories.changing(catalogId, (beforeCommit) =>
        this.imports.importAll(catalogId, async () => call.toData(await body.open()), {
          onInvalid: call.query.onInvalid,
          beforeCommit,
          idempotent: call.idempotent?.keeping(toReply),
        }),
      );
      await this.catalogs.refreshItems(catalogId);
      const { changedUsers } = imported;
      await this.histories.warm(catalogId, changedUsers === 'many' ? [] : changedUsers);
      return toReply(imported);
    } catch (error) {
      throw inWordsOfHttp(error);
    } finally {
      await body.dispose();
    }
  }
}

interface Understood<Summary> {
  readonly summary: Summary;
  readonly query: string;
}

/** Says what can be said otherwise as parameters of the query. */
function forHttp<Summary extends { readonly warnings: readonly string[] }>({
  summary,
  query,
}: Understood<Summary>): Summary {
  return { ...summary, warnings: summary.warnings.map(toParameters), command: query };
}
