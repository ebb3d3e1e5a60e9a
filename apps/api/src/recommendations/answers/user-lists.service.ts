import { Injectable } from '@nestjs/common';
import { ServingCatalogs, type ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import { ShownItems } from '../../serving/users/shown-items.js';
import { UserHistories } from '../../serving/users/user-histories.js';
import type { KeyedHistory } from '../../serving/users/user-side.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import type { UserRequest } from '../http/dto/user-options.dto.js';
import { ListPages, longestList, type Page } from '../pages/list-pages.js';
import { NO_HISTORY } from '../ranking/keyed-history.js';
import type { Ranking } from '../ranking/list.js';
import { Rotation } from '../ranking/rotation.js';
import { ListMaker } from './list-maker.js';

interface Wanted {
  readonly history: KeyedHistory;
  readonly request: UserRequest;
  readonly rotation?: Rotation | undefined;
}

/** Lists for users: with what they have done, what they were shown, and page by page. */
@Injectable()
export class UserListsService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly lists: ListMaker,
    private readonly pages: ListPages,
    private readonly shown: ShownItems,
  ) {}

  /** An unknown user gets the popular list, never an error. @throws DomainError `cursor-expired` */
  async forUser(catalogId: string, userId: string, request: UserRequest): Promise<RecommendationReply> {
    const catalog = await this.catalogs.get(catalogId);
    const { cursor, k, fields } = request;
    if (cursor !== undefined) return this.#nextPage(catalog, userId, { cursor, k, fields });
    const rotation = await this.#rotation(catalogId, userId, request);
    const history = (await this.histories.find(catalogId, userId)) ?? NO_HISTORY;
    if (request.paging) return this.#firstPage(catalog, userId, { history, request, rotation });
    return this.#list(catalog, userId, { history, request, rotation });
  }

  async #list(
    catalog: ServingCatalog,
    userId: string,
    { history, request, rotation }: Wanted,
  ): Promise<RecommendationReply> {
    const made = await this.lists.rank(catalog, history, request, { rotation });
    if (rotation) await this.#remember(catalog.id, userId, made.ranking);
    return this.lists.write(made, request.fields);
  }

  async #firstPage(
    catalog: ServingCatalog,
    userId: string,
    { history, request, rotation }: Wanted,
  ): Promise<RecommendationReply> {
    const made = await this.lists.rank(catalog, history, request, { rotation, k: longestList(request) });
    const { now, unknownItems } = made;
    const page = await this.pages.first(catalog.id, userId, {
      k: request.k,
      ranking: made.ranking,
      modelId: now.active?.model.id ?? null,
      rotates: rotation !== undefined,
      unknownItems,
    });
    if (rotation) await this.#remember(catalog.id, userId, page.ranking);
    return withCursor(await this.lists.write({ ...made, ranking: page.ranking }, request.fields), page);
  }

  async #nextPage(
    catalog: ServingCatalog,
    userId: string,
    request: Pick<UserRequest, 'k' | 'fields'> & { readonly cursor: string },
  ): Promise<RecommendationReply> {
    const page = await this.pages.next(catalog, userId, request);
    const { ranking, list } = page;
    if (list.rotates) await this.#remember(catalog.id, userId, ranking);
    const made = { now: catalog, ranking, unknownItems: list.unknownItems };
    return { ...withCursor(await this.lists.write(made, request.fields), page), modelId: list.modelId };
  }

  async #rotation(catalogId: string, userId: string, request: UserRequest): Promise<Rotation | undefined> {
    const { rotation: strength, rotationHalfLifeHours: halfLifeHours } = request;
    if (!strength) return undefined;
    return new Rotation({ strength, halfLifeHours }, await this.shown.find(catalogId, userId), Date.now());
  }

  #remember(catalogId: string, userId: string, { items }: Ranking): Promise<void> {
    return this.shown.remember(
      catalogId,
      userId,
      items.map(({ itemKey }) => itemKey),
    );
  }
}

function withCursor(reply: RecommendationReply, { nextCursor }: Page): RecommendationReply {
  return { ...reply, ...(nextCursor !== null && { nextCursor }) };
}
