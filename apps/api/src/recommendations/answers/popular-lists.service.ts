import { Injectable } from '@nestjs/common';
import { DomainError } from '#domain';
import { asItIsNow, type Filter, RankingService, type ServingCatalog } from '#ranking';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { PopularItems, type CountedWindow } from '../../serving/items/popular-items.js';
import { ChosenModels } from '../../serving/models/chosen-models.js';
import type { PopularQuery, PopularReply } from '../http/dto/popular.dto.js';
import { ListMaker } from './list-maker.js';
import { lengthOf, SharedPages, type MadePage } from './shared-pages.js';

/** Popular lists: as of the active model, or counted from the interactions. */
@Injectable()
export class PopularListsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly chosen: ChosenModels,
    private readonly popular: PopularItems,
    private readonly lists: ListMaker,
    private readonly ranking: RankingService,
    private readonly pages: SharedPages,
  ) {}

  async find(catalogId: string, request: PopularQuery): Promise<PopularReply> {
    const { window, ...made } = await this.#find(catalogId, request);
    return { ...(await this.lists.write(made, request.fields)), ...(window && { window }) };
  }

  async #find(catalogId: string, request: PopularQuery): Promise<MadePage> {
    const startedAt = performance.now();
    const { k, cursor, model, preview: isPreview } = request;
    const served = await this.catalogs.get(catalogId);
    const place = this.pages.placeOf('popular', catalogId);
    if (cursor !== undefined) return this.pages.next(place, served, { k, cursor, startedAt });
    const catalog = model === undefined ? served : await this.chosen.of(served, model);
    const counted = await this.#count(catalog, request);
    const wanted = { ...request, k: lengthOf(request), filter: withTag(request.filter, request.tag) };
    const options = await this.lists.resolve(catalog, wanted);
    const now = asItIsNow(catalog);
    const ranking = await this.ranking.popular(now, options, counted?.counted);
    const made = { now, ranking, unknownItems: [], startedAt, isPreview };
    return this.pages.first(place, { ...made, ...(counted && { window: describe(counted) }) }, request);
  }

  async #count(catalog: ServingCatalog, request: PopularQuery): Promise<CountedWindow | null> {
    const { windowDays, halfLifeDays, type, userTag } = request;
    const isAsked = [windowDays, halfLifeDays, userTag, type[0]].some((option) => option !== undefined);
    if (!isAsked && catalog.active) return null;
    return this.popular
      .get(catalog.id, { windowDays, halfLifeDays, types: type, userTag })
      .catch((error: unknown) => {
        // Whoever asked for nothing special gets the items that are in memory.
        if (isAsked || !(error instanceof DomainError)) throw error;
        return null;
      });
  }
}

/** A filter that an item with the tag alone meets. */
export function withTag(filter: Filter | undefined, tag: string | undefined): Filter | undefined {
  if (tag === undefined) return filter;
  const tags = { ...filter?.tags, all: [...(filter?.tags?.all ?? []), tag] };
  return { metadata: new Map(), ...filter, tags };
}

function describe({
  window: { from, to, halfLifeDays, types, userTag },
}: CountedWindow): PopularReply['window'] {
  return {
    from: from?.toISOString() ?? null,
    to: to.toISOString(),
    halfLifeDays,
    types: types && [...types],
    ...(userTag !== null && { userTag }),
  };
}
