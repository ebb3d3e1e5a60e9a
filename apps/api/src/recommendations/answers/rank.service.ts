import { Injectable } from '@nestjs/common';
import type { ApiKey } from '#domain';
import {
  asOf,
  type KeyedHistory,
  leftOut,
  NO_HISTORY,
  type ServingCatalog,
  toHistory,
  toKeys,
  without,
} from '#ranking';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../../serving/users/user-histories.js';
import type { PersonalRequest } from '../http/dto/list-options.dto.js';
import type { RankReply, RankRequest } from '../http/dto/rank.dto.js';
import { checkPersonalOptions } from '../requests/personal-options.js';
import { ListMaker } from './list-maker.js';

/** Puts candidates in the order in which the list of all items has them. */
@Injectable()
export class RankService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly lists: ListMaker,
  ) {}

  /** @param caller null where no key is needed. @throws DomainError `not-allowed` */
  async rank(catalogId: string, request: RankRequest, caller: ApiKey | null): Promise<RankReply> {
    const startedAt = performance.now();
    const { userId, items = [], candidates } = request;
    if (userId !== undefined) checkPersonalOptions(request, caller, catalogId);
    const catalog = await this.catalogs.get(catalogId);
    const history = await this.#history(catalog, request);
    const named = items.map(({ itemId }) => itemId);
    const made = await this.lists.rank(catalog, history, toList(request), { named, startedAt });
    const { reason: _, ...reply } = await this.lists.write(made, request.fields);
    const { ranking, now } = made;
    const past = without(history, toKeys(now.items, request.without));
    return { ...reply, leftOut: leftOut(now.items, candidates, { history: past, ranked: ranking.items }) };
  }

  async #history(catalog: ServingCatalog, { userId, items = [] }: RankRequest): Promise<KeyedHistory> {
    if (userId === undefined) return toHistory(catalog, items, this.catalogs.basketRepeats(catalog.id));
    return asOf((await this.histories.find(catalog.id, userId)) ?? NO_HISTORY, Date.now());
  }
}

/** A list of all items that may be answered, with the candidates alone. */
function toList({ candidates, ...request }: RankRequest): PersonalRequest {
  const wanted = [...new Set(candidates)];
  const filter = { metadata: new Map(), itemId: { in: wanted } };
  return { ...request, k: wanted.length, filter, exclude: [], pins: {} };
}
