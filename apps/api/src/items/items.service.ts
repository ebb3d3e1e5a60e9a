import { Injectable } from '@nestjs/common';
import { ItemsRepository, type ChangedUser, type PutItems } from '#data';
import type { Item, ItemDetails } from '#domain';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import type { PageQuery } from '../common/schemas.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';

@Injectable()
export class ItemsService {
  constructor(
    private readonly items: ItemsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
  ) {}

  async put(
    catalogId: string,
    details: ItemDetails,
  ): Promise<{ readonly item: Item; readonly created: boolean }> {
    await this.catalogs.get(catalogId);
    const result = await this.items.put(catalogId, details, this.#invalidate(catalogId));
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async putMany(catalogId: string, details: readonly ItemDetails[], call?: KeyedCall): Promise<PutItems> {
    await this.catalogs.get(catalogId);
    const keyed = call?.keeping((put: PutItems) => put);
    const result = await this.items.putMany(catalogId, details, this.#invalidate(catalogId), keyed);
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async load(catalogId: string, itemId: string): Promise<Item> {
    await this.catalogs.get(catalogId);
    return this.items.load(catalogId, itemId);
  }

  async findPage(catalogId: string, query: PageQuery): Promise<CursorPage<Item>> {
    await this.catalogs.get(catalogId);
    return readPage(['items', catalogId], query, (after, limit) =>
      this.items.findPage(catalogId, after, limit),
    );
  }

  async delete(catalogId: string, itemId: string): Promise<void> {
    await this.catalogs.get(catalogId);
    await this.items.delete(catalogId, itemId, this.#invalidate(catalogId));
    await this.catalogs.refreshItems(catalogId);
  }

  #invalidate(catalogId: string) {
    return (changed: readonly ChangedUser[]) => this.histories.invalidate(catalogId, changed);
  }
}
