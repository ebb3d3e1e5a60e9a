import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { InteractionsRepository, type ChangedUser, type MergedBatch } from '#data';
import { RefusedRowList, type InteractionFilter, type OnInvalid } from '#domain';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import { toDeletedReply, type DeletedReply } from './dto/deleted-interactions.dto.js';
import { toStoredReply, type RecordRequest, type StoredReply } from './dto/interactions.dto.js';
import { readPostedRows, type PostOptions } from './posted-rows.js';

/**
 * A larger batch is a feed: few of its users call at once, and the call of each fetches its history. To write
 * them costs PostgreSQL as much as to store the batch.
 */
const MOST_ROWS_WARMED = 500;

interface CallOptions {
  readonly onInvalid: OnInvalid;
  readonly call: IdempotentCall | undefined;
}

interface Deletion {
  readonly filter: InteractionFilter;
  readonly call: IdempotentCall | undefined;
}

/** Stores and deletes interactions and sees to it that the very next recommendation knows them. */
@Injectable()
export class InteractionsService {
  constructor(
    private readonly interactions: InteractionsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async record(catalogId: string, request: RecordRequest, options: CallOptions): Promise<StoredReply> {
    const refused = new RefusedRowList();
    const interactions = readPostedRows(request.interactions, this.#readOptions(options, refused));
    await this.catalogs.get(catalogId);
    const stored = await this.histories.changing(catalogId, (beforeCommit) =>
      this.interactions.record(catalogId, interactions, { beforeCommit, ...keptReply(options, refused) }),
    );
    const isFeed = interactions.length > MOST_ROWS_WARMED;
    await this.#follow(catalogId, isFeed ? [] : stored.changedUsers);
    return toStoredReply(stored, refused);
  }

  async deleteOf(catalogId: string, userId: string, { filter, call }: Deletion): Promise<DeletedReply> {
    await this.catalogs.get(catalogId);
    const deleted = await this.histories.changing(catalogId, (beforeCommit) =>
      this.interactions.deleteOf(catalogId, userId, filter, {
        beforeCommit,
        idempotent: call?.keeping(toDeletedReply),
      }),
    );
    await this.histories.warm(catalogId, deleted.changedUsers);
    return toDeletedReply(deleted);
  }

  #readOptions({ onInvalid }: CallOptions, refused: RefusedRowList): PostOptions {
    return {
      now: new Date(),
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
      onInvalid: onInvalid === 'skip' ? (row) => refused.add(row) : undefined,
    };
  }

  async #follow(catalogId: string, changed: readonly ChangedUser[]): Promise<void> {
    await this.catalogs.refreshItems(catalogId);
    await this.histories.warm(catalogId, changed);
  }
}

function keptReply({ onInvalid, call }: CallOptions, refused: RefusedRowList) {
  return { onInvalid, idempotent: call?.keeping((stored: MergedBatch) => toStoredReply(stored, refused)) };
}
