import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';
import { asItIsNow, ServingCatalogs, type ServingCatalog } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/user-histories.js';
import type { ListRequest, PersonalRequest } from './dto/list-options.dto.js';
import type { BasketRequest, RecommendationReply } from './dto/recommendation.dto.js';
import { ListReplies } from './list-replies.js';
import { ListRequests } from './list-requests.js';
import { NO_HISTORY, toHistory, without, type KeyedHistory } from './keyed-history.js';
import { RankingService } from './ranking.service.js';

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
  async forUser(catalogId: string, userId: string, request: PersonalRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const history = (await this.histories.find(catalogId, userId)) ?? NO_HISTORY;
    return this.#recommend(catalog, history, request);
  }

  async forBasket(catalogId: string, basket: BasketRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const named = basket.items.map(({ itemId }) => itemId);
    return this.#recommend(catalog, toHistory(catalog, basket.items), basket, named);
  }

  async similar(catalogId: string, itemId: string, request: ListRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const itemKey = catalog.items.findKey(itemId);
    if (itemKey === undefined) throw new DomainError('item-not-found', `There is no item "${itemId}"`);
    const options = await this.requests.resolve(catalog, request);
    const now = asItIsNow(catalog);
    return this.replies.write(now, this.ranking.similar(now, itemKey, options), request.fields);
  }

  async #recommend(
    catalog: ServingCatalog,
    history: KeyedHistory,
    request: PersonalRequest,
    named: readonly string[] = [],
  ): Promise<RecommendationReply> {
    const options = await this.requests.resolve(catalog, request);
    const gone = this.requests.toKeys(catalog, request.without);
    const now = asItIsNow(catalog);
    const past = gone.length > 0 ? without(history, gone) : history;
    const ranking = await this.ranking.forHistory(now, past, options);
    const reply = await this.replies.write(now, ranking, request.fields);
    const unknownItems = [...named, ...Object.keys(request.pins)].filter(
      (itemId) => now.items.findKey(itemId) === undefined,
    );
    return { ...reply, ...(unknownItems.length > 0 && { unknownItems: [...new Set(unknownItems)] }) };
  }
}
