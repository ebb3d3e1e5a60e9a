import { Injectable } from '@nestjs/common';
import { DomainError, type ApiKey } from '#domain';
import { asOf, type KeyedHistory, NO_HISTORY, type Ranking, Rotation, type ServingCatalog } from '#ranking';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { ShownItems } from '../../serving/users/shown-items.js';
import { UserHistories } from '../../serving/users/user-histories.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import type { UserRequest } from '../http/dto/user-options.dto.js';
import { cursorExpired, ListPages, longestList } from '../pages/list-pages.js';
import { checkPersonalOptions } from '../requests/personal-options.js';
import { ListMaker } from './list-maker.js';
import type { MadeList } from './list-replies.js';

/** Whose list it is, and who asks: null where no key is needed. */
export interface Asked {
  readonly catalogId: string;
  readonly userId: string;
  readonly caller: ApiKey | null;
}

interface Wanted {
  readonly history: KeyedHistory;
  readonly request: UserRequest;
  readonly rotation: Rotation | undefined;
  /** The user that the id names. */
  readonly shownTo: string;
  readonly startedAt: number;
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

  /** An unknown user gets the popular list. @throws DomainError `cursor-expired`, `not-allowed` */
  async forUser(asked: Asked, request: UserRequest): Promise<RecommendationReply> {
    return this.lists.write(await this.#make(asked, request), request.fields);
  }

  /** The same as JSON. */
  async jsonForUser(asked: Asked, request: UserRequest): Promise<string> {
    return this.lists.writeJson(await this.#make(asked, request), request.fields);
  }

  async #make({ catalogId, userId, caller }: Asked, request: UserRequest): Promise<MadeList> {
    const startedAt = performance.now();
    checkPersonalOptions(request, caller, catalogId);
    const catalog = await this.catalogs.get(catalogId);
    const { cursor, k } = request;
    if (cursor !== undefined) return this.#nextPage(catalog, userId, { cursor, k, startedAt });
    const found = await this.histories.findUser(catalogId, userId);
    const history = asOf(found.history ?? NO_HISTORY, Date.now());
    // What was shown is not looked at either, nor remembered, of who has said no.
    const rotation = history.isRefused ? undefined : await this.#rotation(catalogId, found.userId, request);
    const wanted = { history, request, rotation, shownTo: found.userId, startedAt };
    if (request.paging) return this.#firstPage(catalog, userId, wanted);
    const made = await this.lists.rank(catalog, history, request, { rotation, startedAt });
    if (rotation && !request.preview) await this.#remember(catalog.id, found.userId, made.ranking);
    return made;
  }

  async #firstPage(
    catalog: ServingCatalog,
    userId: string,
    { history, request, rotation, shownTo, startedAt }: Wanted,
  ): Promise<MadeList> {
    const k = longestList(request);
    const made = await this.lists.rank(catalog, history, request, { rotation, k, startedAt });
    const { now, unknownItems, isRefused } = made;
    const { ranking, nextCursor } = await this.pages.first(this.pages.ofUser(catalog.id, userId), {
      k: request.k,
      ranking: made.ranking,
      modelId: now.active?.model.id ?? null,
      rotates: rotation !== undefined,
      unknownItems,
      isRefused,
    });
    if (rotation) await this.#remember(catalog.id, shownTo, ranking);
    return { ...made, ranking, nextCursor };
  }

  async #nextPage(
    catalog: ServingCatalog,
    userId: string,
    request: { readonly k: number; readonly cursor: string; readonly startedAt: number },
  ): Promise<MadeList> {
    const place = this.pages.ofUser(catalog.id, userId);
    const { ranking, list, nextCursor } = await this.pages.next(place, catalog, request);
    const { isRefused } = list;
    if (!isRefused && (await this.#hasRefused(catalog.id, userId))) throw cursorExpired();
    if (list.rotates) await this.#rememberPage(catalog.id, userId, ranking);
    const { unknownItems, modelId } = list;
    const { startedAt } = request;
    const answer = { now: catalog, ranking, unknownItems, nextCursor, modelId };
    return { ...answer, startedAt, isPreview: false, isRefused };
  }

  /** Whether the user is known to have said no: pages go on while that cannot be read. */
  async #hasRefused(catalogId: string, userId: string): Promise<boolean> {
    try {
      return (await this.histories.find(catalogId, userId))?.isRefused === true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  async #rotation(catalogId: string, userId: string, request: UserRequest): Promise<Rotation | undefined> {
    const { rotation: strength, rotationHalfLifeHours: halfLifeHours } = request;
    if (!strength) return undefined;
    return new Rotation({ strength, halfLifeHours }, await this.shown.find(catalogId, userId), Date.now());
  }

  /** The id that a list is paged through by may have been merged since. */
  async #rememberPage(catalogId: string, userId: string, ranking: Ranking): Promise<void> {
    const shownTo = await this.histories.findUser(catalogId, userId).then(
      (found) => found.userId,
      () => userId,
    );
    await this.#remember(catalogId, shownTo, ranking);
  }

  #remember(catalogId: string, userId: string, { items }: Ranking): Promise<void> {
    return this.shown.remember(
      catalogId,
      userId,
      items.map(({ itemKey }) => itemKey),
    );
  }
}
