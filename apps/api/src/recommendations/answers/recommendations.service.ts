import { Injectable } from '@nestjs/common';
import { DomainError, type ApiKey } from '#domain';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import type { ListRequest } from '../http/dto/list-options.dto.js';
import type { BasketRequest, RecommendationReply } from '../http/dto/recommendation.dto.js';
import { toHistory } from '../ranking/keyed-history.js';
import { ListMaker } from './list-maker.js';

/** Finds out what a list is for that is for no user; `ListMaker` makes it. */
@Injectable()
export class RecommendationsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly lists: ListMaker,
  ) {}

  /** @param caller null where no key is needed. @throws DomainError `not-allowed` */
  async forBasket(
    catalogId: string,
    basket: BasketRequest,
    caller: ApiKey | null,
  ): Promise<RecommendationReply> {
    const startedAt = performance.now();
    if (caller?.origins) refuseToPages(basket);
    const catalog = await this.catalogs.get(catalogId);
    const named = basket.items.map(({ itemId }) => itemId);
    const history = toHistory(catalog, basket.items, this.catalogs.basketRepeats(catalogId));
    const made = await this.lists.rank(catalog, history, basket, { named, startedAt });
    return this.lists.write(made, basket.fields);
  }

  async similar(catalogId: string, itemId: string, request: ListRequest): Promise<RecommendationReply> {
    const startedAt = performance.now();
    const catalog = await this.catalogs.get(catalogId);
    const itemKey = catalog.items.findKey(itemId);
    if (itemKey === undefined) throw new DomainError('item-not-found', `There is no item "${itemId}"`);
    const made = await this.lists.similar(catalog, itemKey, request, startedAt);
    return this.lists.write(made, request.fields);
  }
}

/** In a query the route says so. @throws DomainError `not-allowed` */
function refuseToPages({ model, preview }: BasketRequest): void {
  const option = preview ? 'preview' : model === undefined ? null : 'model';
  if (option !== null)
    throw new DomainError('not-allowed', `The key is for pages, which may not send \`${option}\``);
}
