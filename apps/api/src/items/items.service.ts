import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ItemSearchRepository, ItemsRepository, type PutItems } from '#data';
import { aheadOfClock, type Item, type ItemDetails, type ItemPatch } from '#domain';
import type { Conditions } from '../common/etags/conditional.js';
import type { CursorPage } from '../common/page-reply.js';
import { validationProblem } from '../common/problem/validation-problem.js';
import { readPage } from '../common/read-page.js';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import { toItemReply, type ItemsQuery } from './dto/items.dto.js';

type Dated = Pick<ItemDetails, 'createdAt'>;

@Injectable()
export class ItemsService {
  constructor(
    private readonly items: ItemsRepository,
    private readonly searched: ItemSearchRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async put(
    catalogId: string,
    details: ItemDetails,
    ifMatch?: string,
  ): Promise<{ readonly item: Item; readonly created: boolean }> {
    await this.catalogs.get(catalogId);
    this.#checkDates([details], () => []);
    const result = await this.histories.changing(catalogId, (beforeCommit) =>
      this.items.put(catalogId, details, { ifMatch, beforeCommit }),
    );
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async patch(
    catalogId: string,
    itemId: string,
    patch: ItemPatch,
    { ifMatch, call }: Conditions,
  ): Promise<Item> {
    await this.catalogs.get(catalogId);
    this.#checkDates([patch], () => []);
    const idempotent = call?.keeping(toItemReply);
    // No interaction of anybody changes with it.
    const item = await this.items.patch(catalogId, itemId, patch, { ifMatch, idempotent });
    await this.catalogs.refreshItems(catalogId);
    return item;
  }

  async putMany(
    catalogId: string,
    details: readonly ItemDetails[],
    call?: IdempotentCall,
  ): Promise<PutItems> {
    await this.catalogs.get(catalogId);
    this.#checkDates(details, (place) => ['items', place]);
    const idempotent = call?.keeping((put: PutItems) => put);
    const result = await this.histories.changing(catalogId, (beforeCommit) =>
      this.items.putMany(catalogId, details, beforeCommit, idempotent),
    );
    await this.catalogs.refreshItems(catalogId);
    return result;
  }

  async load(catalogId: string, itemId: string): Promise<Item> {
    await this.catalogs.get(catalogId);
    return this.items.load(catalogId, itemId);
  }

  async findPage(catalogId: string, query: ItemsQuery): Promise<CursorPage<Item>> {
    await this.catalogs.get(catalogId);
    const { search } = query;
    if (search !== undefined)
      return readPage(['items', catalogId, search], query, (after, limit) =>
        this.searched.findPage(catalogId, search, after, limit),
      );
    return readPage(['items', catalogId], query, (after, limit) =>
      this.items.findPage(catalogId, after, limit),
    );
  }

  async delete(catalogId: string, itemId: string, ifMatch?: string): Promise<void> {
    await this.catalogs.get(catalogId);
    await this.histories.changing(catalogId, (beforeCommit) =>
      this.items.delete(catalogId, itemId, { ifMatch, beforeCommit }),
    );
    await this.catalogs.refreshItems(catalogId);
  }

  /** @throws DomainError `validation-failed` for each item that is dated ahead of the clock */
  #checkDates(items: readonly Dated[], pathOf: (place: number) => readonly PropertyKey[]): void {
    const issues = items.flatMap(({ createdAt }, place) => {
      const message = createdAt && aheadOfClock(createdAt, this.environment.CLOCK_TOLERANCE_SECONDS);
      return message ? [{ path: [...pathOf(place), 'createdAt'], message }] : [];
    });
    if (issues.length > 0) throw validationProblem(issues);
  }
}
