import { Injectable } from '@nestjs/common';
import type { UserTraits } from '#domain';
import {
  ItemColumns,
  ItemFilters,
  type KeyedHistory,
  type ListOptions,
  NewItemCatalogs,
  RankingService,
  type Rotation,
  type ServingCatalog,
  toKeys,
  without,
} from '#ranking';
import { PopularItems } from '../../serving/items/popular-items.js';
import { ChosenModels } from '../../serving/models/chosen-models.js';
import type { ItemField, ListRequest, PersonalRequest } from '../http/dto/list-options.dto.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import { Boosts } from '../requests/boost/boosts.js';
import { ListReplies, type MadeList } from './list-replies.js';

interface RankOptions {
  readonly named?: readonly string[];
  readonly k?: number;
  readonly rotation?: Rotation | undefined;
  readonly startedAt: number;
}

/**
 * Makes lists as a request says, for a history or an item: turns what it says into keys, bitmaps
 * and closures, and ranks.
 */
@Injectable()
export class ListMaker {
  readonly #filters: ItemFilters;
  readonly #boosts: Boosts;

  constructor(
    columns: ItemColumns,
    private readonly chosen: ChosenModels,
    private readonly newItems: NewItemCatalogs,
    private readonly popular: PopularItems,
    private readonly ranking: RankingService,
    private readonly replies: ListReplies,
  ) {
    this.#filters = new ItemFilters(columns);
    this.#boosts = new Boosts(columns);
  }

  /**
   * @param named ids that the catalog may not have, beside those of pins
   * @param startedAt when the call began
   */
  async rank(
    catalog: ServingCatalog,
    history: KeyedHistory,
    request: PersonalRequest,
    { named = [], startedAt, ...own }: RankOptions,
  ): Promise<MadeList> {
    const options = { ...(await this.resolve(catalog, request, history.traits)), ...own };
    const gone = toKeys(catalog.items, request.without);
    const { model, preview: isPreview } = request;
    const now = await this.#asItIsNow(model === undefined ? catalog : await this.chosen.of(catalog, model));
    const past = gone.length > 0 ? without(history, gone) : history;
    const ranking = await this.ranking.forHistory(now, past, options);
    const unknownItems = unknownOf(now, [...named, ...Object.keys(request.pins)]);
    const { isRefused, isStale } = history;
    return { now, ranking, unknownItems, startedAt, isPreview, isRefused, isStale };
  }

  /** Items that are like one. */
  async similar(
    catalog: ServingCatalog,
    itemKey: number,
    request: ListRequest,
    startedAt: number,
  ): Promise<MadeList> {
    const options = await this.resolve(catalog, request);
    const { model, preview: isPreview } = request;
    const served = model === undefined ? catalog : await this.chosen.of(catalog, model);
    const now = await this.newItems.asItIsNow(served);
    const ranking = await this.ranking.similar(now, itemKey, options);
    return { now, ranking, unknownItems: [], startedAt, isPreview };
  }

  write(made: MadeList, fields: readonly ItemField[]): Promise<RecommendationReply> {
    return this.replies.write(made, fields);
  }

  writeJson(made: MadeList, fields: readonly ItemField[]): Promise<string> {
    return this.replies.writeJson(made, fields);
  }

  /**
   * @param traits of the user whom the list is for
   * @throws DomainError `database-unavailable` when a filter or boost needs what only the database has
   */
  async resolve(
    catalog: ServingCatalog,
    { k, minScore, exclude, filter, ...personal }: ListRequest & Partial<PersonalRequest>,
    traits?: UserTraits,
  ): Promise<ListOptions> {
    const { explain = false, boost, diversity, pins = {} } = personal;
    return {
      k,
      minScore,
      explain,
      diversity,
      exclude: toKeys(catalog.items, exclude),
      pins: Object.entries(pins).flatMap(([itemId, position]) =>
        toKeys(catalog.items, [itemId]).map((itemKey) => ({ itemKey, position })),
      ),
      filter: filter && (await this.#filters.resolve(catalog, filter)),
      boost: boost && (await this.#boosts.resolve(catalog, boost, traits)),
    };
  }

  /** With what lists are made of that are not by a model's scores. */
  async #asItIsNow(catalog: ServingCatalog): Promise<ServingCatalog> {
    const now = await this.newItems.asItIsNow(catalog);
    if (now.active) return now;
    return { ...now, counted: (await this.popular.usual(now.id))?.counted ?? null };
  }
}

/** Those ids, once each, that the catalog does not have. */
function unknownOf({ items }: ServingCatalog, itemIds: readonly string[]): string[] {
  if (itemIds.length === 0) return [];
  return [...new Set(itemIds.filter((itemId) => items.findKey(itemId) === undefined))];
}
