import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';
import { ServingCatalogs, type ServingCatalog } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/user-histories.js';
import type { BasketRequest, RecommendationReply, UserQuery } from './dto/recommendation.dto.js';
import { RankingService, type KeyedHistory } from './ranking.service.js';

const NO_HISTORY: KeyedHistory = { itemKeys: new Int32Array(), values: new Float32Array() };

/** Finds out what a list is for; `RankingService` makes it. */
@Injectable()
export class RecommendationsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly ranking: RankingService,
  ) {}

  /** An unknown user gets the popular list, never an error. */
  async forUser(catalogId: string, userId: string, query: UserQuery): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const history = (await this.histories.find(catalogId, userId)) ?? NO_HISTORY;
    const exclude = query.exclude.flatMap((itemId) => catalog.items.findKey(itemId) ?? []);
    return this.ranking.forHistory(catalog, history, { k: query.k, explain: query.explain, exclude });
  }

  async forBasket(catalogId: string, basket: BasketRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const { history, unknownItems } = resolveBasket(catalog, basket.items);
    const reply = this.ranking.forHistory(catalog, history, { k: basket.k, explain: basket.explain });
    return { ...reply, ...(unknownItems.length > 0 && { unknownItems }) };
  }

  async similar(catalogId: string, itemId: string, k: number): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const itemKey = catalog.items.findKey(itemId);
    if (itemKey === undefined) throw new DomainError('item-not-found', `There is no item "${itemId}"`);
    return this.ranking.similar(catalog, itemKey, k);
  }

  async popular(catalogId: string, k: number): Promise<RecommendationReply> {
    return this.ranking.popular(await this.catalogs.get(catalogId), k);
  }
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
