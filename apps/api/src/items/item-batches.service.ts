import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ItemsRepository, type CorrectedRow } from '#data';
import type { OnInvalid } from '#domain';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import {
  isGood,
  readDeletions,
  readPatches,
  toDeleteItemsReply,
  toPatchItemsReply,
  type DeleteItemsReply,
  type ItemBatchRequest,
  type PatchItemsReply,
} from './dto/item-batches.dto.js';

interface BatchCall {
  readonly onInvalid: OnInvalid;
  readonly call: IdempotentCall | undefined;
}

type WriteOptions = Parameters<ItemsRepository['deleteMany']>[2];

interface Correction {
  readonly toReply: (corrected: readonly CorrectedRow[]) => unknown;
  readonly work: (options: WriteOptions) => Promise<readonly CorrectedRow[]>;
}

/** Patches and deletes many items at once, with what became of each row. */
@Injectable()
export class ItemBatchesService {
  constructor(
    private readonly items: ItemsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async patch(catalogId: string, { items }: ItemBatchRequest, batch: BatchCall): Promise<PatchItemsReply> {
    const rows = readPatches(items, this.#readOptions(batch));
    const toReply = (corrected: readonly CorrectedRow[]) => toPatchItemsReply(rows, corrected);
    const good = rows.filter(isGood);
    return toReply(
      await this.#correct(catalogId, batch, {
        toReply,
        work: (options) => this.items.patchMany(catalogId, good, options),
      }),
    );
  }

  async delete(catalogId: string, { items }: ItemBatchRequest, batch: BatchCall): Promise<DeleteItemsReply> {
    const rows = readDeletions(items, this.#readOptions(batch));
    const toReply = (corrected: readonly CorrectedRow[]) => toDeleteItemsReply(rows, corrected);
    const good = rows.filter(isGood);
    return toReply(
      await this.#correct(catalogId, batch, {
        toReply,
        work: (options) => this.items.deleteMany(catalogId, good, options),
      }),
    );
  }

  async #correct(
    catalogId: string,
    { onInvalid, call }: BatchCall,
    { toReply, work }: Correction,
  ): Promise<readonly CorrectedRow[]> {
    await this.catalogs.get(catalogId);
    const idempotent = call?.keeping(toReply);
    const corrected = await this.histories.changing(catalogId, (beforeCommit) =>
      work({ onInvalid, idempotent, beforeCommit }),
    );
    await this.catalogs.refreshItems(catalogId);
    return corrected;
  }

  #readOptions({ onInvalid }: BatchCall) {
    return { onInvalid, clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS };
  }
}
