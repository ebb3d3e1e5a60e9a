import { Injectable } from '@nestjs/common';
import { AnswerCounts } from '../serving/answer-counts.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/user-histories.js';
import type { RecommendationReply } from './dto/recommendation.dto.js';
import type { UserRequest } from './dto/user-options.dto.js';
import { isRepeatable, KeptAnswers } from './kept-answers.js';
import { NO_HISTORY } from './keyed-history.js';
import { UserListsService } from './user-lists.service.js';

/** One call for a user. */
export interface UserCall {
  readonly catalogId: string;
  readonly userId: string;
  /** The same object for equal queries, so that answers to it are found again. */
  readonly request: UserRequest;
  readonly write: (reply: RecommendationReply) => string;
}

/** Lists for users as JSON: where nothing has changed since the last time, it is not made again and nobody is waited for. */
@Injectable()
export class UserAnswers {
  readonly #kept: KeptAnswers;

  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly lists: UserListsService,
    counts: AnswerCounts,
  ) {
    this.#kept = new KeptAnswers(counts);
  }

  /** @throws DomainError `cursor-expired` */
  answer(call: UserCall): Buffer | Promise<string> {
    const { catalogId, userId, request, write } = call;
    if (!isRepeatable(request)) return this.lists.forUser(catalogId, userId, request).then(write);
    return this.#again(call) ?? this.#anew(call);
  }

  #again({ catalogId, userId, request }: UserCall): Buffer | null {
    const catalog = this.catalogs.peek(catalogId);
    const held = catalog && this.histories.held(catalogId, userId);
    if (!catalog || held === undefined) return null;
    return this.#kept.find(catalog, held ?? NO_HISTORY, request);
  }

  async #anew({ catalogId, userId, request, write }: UserCall): Promise<string> {
    const catalog = await this.catalogs.get(catalogId);
    const history = (await this.histories.find(catalogId, userId)) ?? NO_HISTORY;
    const ground = { items: catalog.items, revision: catalog.items.revision, active: catalog.active };
    const reply = await this.lists.forHistory(catalog, userId, { history, request });
    const text = write(reply);
    this.#kept.keep(history, request, { ground, reply, text });
    return text;
  }
}
