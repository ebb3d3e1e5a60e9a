import { Injectable } from '@nestjs/common';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../../serving/users/user-histories.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import type { UserRequest } from '../http/dto/user-options.dto.js';
import { NO_HISTORY } from '../ranking/keyed-history.js';
import { isRepeatable, ReadyAnswers } from './ready-answers.js';
import { UserListsService } from './user-lists.service.js';

/** One call for a user. */
export interface UserCall {
  /** All that the caller sent: equal ones ask for the same. */
  readonly url: string;
  readonly catalogId: string;
  readonly userId: string;
  readonly request: UserRequest;
  readonly write: (reply: RecommendationReply) => string;
}

/** Lists for users as JSON, which are ready for the next call where they may be repeated. */
@Injectable()
export class UserAnswers {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly lists: UserListsService,
    private readonly ready: ReadyAnswers,
  ) {}

  /** @throws DomainError `cursor-expired` */
  async answer({ url, catalogId, userId, request, write }: UserCall): Promise<string | Buffer> {
    if (!isRepeatable(request)) return write(await this.lists.forUser(catalogId, userId, request));
    const catalog = await this.catalogs.get(catalogId);
    const history = await this.histories.find(catalogId, userId);
    // What was in doubt when the call came need not be any more.
    const ready = this.ready.find(url);
    if (ready) return ready;
    const user = this.histories.held(catalogId, userId);
    const ground = this.ready.ground(catalog);
    const reply = await this.lists.forHistory(catalog, userId, { history: history ?? NO_HISTORY, request });
    const text = write(reply);
    if (user?.history === history) this.ready.keep(url, { user, ground, reply, text });
    return text;
  }
}
