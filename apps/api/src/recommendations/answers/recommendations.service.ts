import { Injectable } from '@nestjs/common';
import { DomainError, type ApiKey } from '#domain';
import { toHistory } from '#ranking';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import type { BasketRequest, ListQuery, RecommendationReply } from '../http/dto/recommendation.dto.js';
import { ListMaker } from './list-maker.js';
import type { MadeList } from './list-replies.js';
import { lengthOf, SharedPages } from './shared-pages.js';

/** Finds out what a list is for that is for no user; `ListMaker` makes it. */
@Injectable()
export class RecommendationsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly lists: ListMaker,
    private readonly pages: SharedPages,
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

  async similar(catalogId: string, itemId: string, request: ListQuery): Promise<RecommendationReply> {
    return this.lists.write(await this.#similar(catalogId, itemId, request), request.fields);
  }

  async #similar(catalogId: string, itemId: string, request: ListQuery): Promise<MadeList> {
    const startedAt = performance.now();
    const { k, cursor } = request;
    const catalog = await this.catalogs.get(catalogId);
    const place = this.pages.placeOf('similar', catalogId, itemId);
    if (cursor !== undefined) return this.pages.next(place, catalog, { k, cursor, startedAt });
    const itemKey = catalog.items.findKey(itemId);
    if (itemKey === undefined) throw new DomainError('item-not-found', `There is no item "${itemId}"`);
    const wanted = { ...request, k: lengthOf(request) };
    return this.pages.first(place, await this.lists.similar(catalog, itemKey, wanted, startedAt), request);
  }
}

/** In a query the route says so. @throws DomainError `not-allowed` */
function refuseToPages({ model, preview }: BasketRequest): void {
  const option = preview ? 'preview' : model === undefined ? null : 'model';
  if (option !== null)
    throw new DomainError('not-allowed', `The key is for pages, which may not send \`${option}\``);
}
