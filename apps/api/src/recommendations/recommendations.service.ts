import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';
import { ServingCatalogs, type ServingCatalog } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/user-histories.js';
import type { ListRequest, PersonalRequest } from './dto/list-options.dto.js';
import type { BasketRequest, RecommendationReply, UserQuery } from './dto/recommendation.dto.js';
import { ListReplies } from './list-replies.js';
import { ListRequests } from './list-requests.js';
import { RankingService, type KeyedHistory } from './ranking.service.js';

const NO_HISTORY: KeyedHistory = { itemKeys: new Int32Array(), values: new Float32Array() };

/** Finds out what a list is for; `RankingService` makes it. */
@Injectable()
export class RecommendationsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly requests: ListRequests,
    private readonly ranking: RankingService,
    private readonly replies: ListReplies,
  ) {}

  /** An unknown user gets the popular list, never an error. */
  async forUser(catalogId: string, userId: string, query: UserQuery): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const history = (await this.histories.find(catalogId, userId)) ?? NO_HISTORY;
    return this.#recommend(catalog, history, query);
  }

  async forBasket(catalogId: string, basket: BasketRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const { history, unknownItems } = resolveBasket(catalog, basket.items);
    const reply = await this.#recommend(catalog, history, basket);
    return { ...reply, ...(unknownItems.length > 0 && { unknownItems }) };
  }

  async similar(catalogId: string, itemId: string, request: ListRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const itemKey = catalog.items.findKey(itemId);
    if (itemKey === undefined) throw new DomainError('item-not-found', `There is no item "${itemId}"`);
    const options = await this.requests.resolve(catalog, request);
    const now = asItIsNow(catalog);
    return this.replies.write(now, this.ranking.similar(now, itemKey, options), request.fields);
  }

  async popular(catalogId: string, request: ListRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const options = await this.requests.resolve(catalog, request);
    const now = asItIsNow(catalog);
    return this.replies.write(now, await this.ranking.popular(now, options), request.fields);
  }

  async #recommend(
    catalog: ServingCatalog,
    history: KeyedHistory,
    request: PersonalRequest,
  ): Promise<RecommendationReply> {
    const options = await this.requests.resolve(catalog, request);
    const now = asItIsNow(catalog);
    return this.replies.write(now, await this.ranking.forHistory(now, history, options), request.fields);
  }
}

/** One model for the whole answer, also when another becomes active meanwhile. */
function asItIsNow({ id, items, active }: ServingCatalog): ServingCatalog {
  return { id, items, active };
}

function resolveBasket(
  catalog: ServingCatalog,
  items: BasketRequest['items'],
): { history: KeyedHistory; unknownItems: string[] } {
  const values = new Map<number, number>();
  const unknownItems: string[] = [];
  for (const { itemId, weight } of items) {
    const key = catalog.items.findKey(itemId);
    if (key === undefined) unknownItems.push(itemId);
    else values.set(key, Math.max(weight, values.get(key) ?? 0));
  }
  const itemKeys = Int32Array.from(values.keys()).sort();
  return {
    history: { itemKeys, values: Float32Array.from(itemKeys, (key) => values.get(key)!) },
    unknownItems,
  };
}
