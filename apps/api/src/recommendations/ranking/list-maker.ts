import { Injectable } from '@nestjs/common';
import { NewItemCatalogs } from '../../serving/new-items/new-item-catalogs.js';
import { PopularItems } from '../../serving/items/popular-items.js';
import type { ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import type { ListRequest, PersonalRequest } from '../http/dto/list-options.dto.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import { without, type KeyedHistory } from './keyed-history.js';
import { ListReplies } from '../answers/list-replies.js';
import { ListRequests } from '../requests/list-requests.js';
import type { Ranking } from './ranked-list.js';
import { RankingService } from './ranking.service.js';
import type { Rotation } from './rotation.js';

/** A list with what its answer says beside its items. */
export interface MadeList {
  readonly now: ServingCatalog;
  readonly ranking: Ranking;
  readonly unknownItems: readonly string[];
}

/** Makes lists for a history or an item as a request says, and writes them out. */
@Injectable()
export class ListMaker {
  constructor(
    private readonly requests: ListRequests,
    private readonly newItems: NewItemCatalogs,
    private readonly popular: PopularItems,
    private readonly ranking: RankingService,
    private readonly replies: ListReplies,
  ) {}

  /** @param named ids that the catalog may not have, beside those of pins */
  async rank(
    catalog: ServingCatalog,
    history: KeyedHistory,
    request: PersonalRequest,
    { named = [], ...own }: { named?: readonly string[]; k?: number; rotation?: Rotation | undefined },
  ): Promise<MadeList> {
    const options = await this.requests.resolve(catalog, request);
    const gone = this.requests.toKeys(catalog, request.without);
    const now = await this.#asItIsNow(catalog);
    const past = gone.length > 0 ? without(history, gone) : history;
    const ranking = await this.ranking.forHistory(now, past, { ...options, ...own });
    const unknownItems = [...named, ...Object.keys(request.pins)].filter(
      (itemId) => now.items.findKey(itemId) === undefined,
    );
    return { now, ranking, unknownItems: [...new Set(unknownItems)] };
  }

  /** Items that are like one. */
  async similar(
    catalog: ServingCatalog,
    itemKey: number,
    request: ListRequest,
  ): Promise<RecommendationReply> {
    const options = await this.requests.resolve(catalog, request);
    const now = await this.newItems.asItIsNow(catalog);
    return this.replies.write(now, await this.ranking.similar(now, itemKey, options), request.fields);
  }

  /** With what lists are made of that are not by a model's scores. */
  async #asItIsNow(catalog: ServingCatalog): Promise<ServingCatalog> {
    const now = await this.newItems.asItIsNow(catalog);
    if (now.active) return now;
    return { ...now, counted: (await this.popular.usual(now.id))?.counted ?? null };
  }

  async write(
    { now, ranking, unknownItems }: MadeList,
    fields: PersonalRequest['fields'],
  ): Promise<RecommendationReply> {
    const reply = await this.replies.write(now, ranking, fields);
    return { ...reply, ...(unknownItems.length > 0 && { unknownItems: [...unknownItems] }) };
  }
}
