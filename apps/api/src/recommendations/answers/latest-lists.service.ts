import { Injectable } from '@nestjs/common';
import { ItemColumns, RankingService } from '#ranking';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import type { LatestQuery } from '../http/dto/popular.dto.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import { ListMaker } from './list-maker.js';
import type { MadeList } from './list-replies.js';
import { withTag } from './popular-lists.service.js';
import { lengthOf, SharedPages } from './shared-pages.js';

/** Lists of the newest items, which no model makes. */
@Injectable()
export class LatestListsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly columns: ItemColumns,
    private readonly lists: ListMaker,
    private readonly ranking: RankingService,
    private readonly pages: SharedPages,
  ) {}

  /** @throws DomainError `cursor-expired`, `database-unavailable` */
  async find(catalogId: string, request: LatestQuery): Promise<RecommendationReply> {
    return this.lists.write(await this.#find(catalogId, request), request.fields);
  }

  async #find(catalogId: string, request: LatestQuery): Promise<MadeList> {
    const startedAt = performance.now();
    const { k, cursor, preview: isPreview } = request;
    const { id, items } = await this.catalogs.get(catalogId);
    const now = { id, items, active: null };
    const place = this.pages.placeOf('latest', catalogId);
    if (cursor !== undefined) return this.pages.next(place, now, { k, cursor, startedAt });
    const wanted = { ...request, k: lengthOf(request), filter: withTag(request.filter, request.tag) };
    const options = await this.lists.resolve(now, wanted);
    const ranking = await this.ranking.latest(now, options, await this.columns.get(now, 'createdAt'));
    return this.pages.first(place, { now, ranking, unknownItems: [], startedAt, isPreview }, request);
  }
}
