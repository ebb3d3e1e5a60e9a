import { Injectable } from '@nestjs/common';
import { ItemsRepository, type ChangedUser, type Page } from '@app/data';
import { isExternalId, type Item, type ItemDetails } from '@app/domain';
import { validationProblem } from '../common/problem/validation-problem.js';
import type { PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
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
    if (!isExternalId(details.itemId)) {
      throw validationProblem([{ path: ['id'], message: 'must be 1 to 512 characters without NUL' }]);
    }
    await this.catalogs.get(catalogId);
    const result = await this.items.put(catalogId, details, this.#invalidate(catalogId));
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async putMany(
    catalogId: string,
    details: readonly ItemDetails[],
  ): Promise<{ readonly created: number; readonly updated: number }> {
    await this.catalogs.get(catalogId);
    const result = await this.items.putMany(catalogId, details, this.#invalidate(catalogId));
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async load(catalogId: string, itemId: string): Promise<Item> {
    await this.catalogs.get(catalogId);
    return this.items.load(catalogId, itemId);
  }

  async findPage(
    catalogId: string,
    {
      cursor = null,
      limit,
    }: { readonly cursor?: string | null | undefined; readonly limit: PageQuery['limit'] },
  ): Promise<Page<Item>> {
    await this.catalogs.get(catalogId);
    return this.items.findPage(catalogId, cursor, limit);
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
