import { Injectable } from '@nestjs/common';
import { StoredInteractionsRepository, UsersRepository } from '#data';
import type { StoredInteraction, StoredUser, UserSummary } from '#domain';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { toFilter, type InteractionsQuery, type UsersQuery } from './dto/users.dto.js';

/** Reads what people did, as it is stored. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly interactions: StoredInteractionsRepository,
    private readonly catalogs: ServingCatalogs,
  ) {}

  async findPage(catalogId: string, query: UsersQuery): Promise<CursorPage<StoredUser>> {
    await this.catalogs.get(catalogId);
    const { search = '' } = query;
    return readPage(['users', catalogId, search], query, (after, limit) =>
      this.users.findPage(catalogId, search, after, limit),
    );
  }

  async summarize(catalogId: string, userId: string): Promise<UserSummary> {
    await this.catalogs.get(catalogId);
    return this.users.summarize(catalogId, userId);
  }

  /** A cursor is of any filter: a page begins after an interaction, whichever are asked for. */
  async findInteractionsOfUser(
    catalogId: string,
    userId: string,
    query: InteractionsQuery,
  ): Promise<CursorPage<StoredInteraction>> {
    await this.catalogs.get(catalogId);
    return readPage(['interactions-of-user', catalogId, userId], query, (after, limit) =>
      this.interactions.findOfUser(catalogId, userId, { filter: toFilter(query), after, limit }),
    );
  }

  async findInteractionsOfItem(
    catalogId: string,
    itemId: string,
    query: InteractionsQuery,
  ): Promise<CursorPage<StoredInteraction>> {
    await this.catalogs.get(catalogId);
    return readPage(['interactions-of-item', catalogId, itemId], query, (after, limit) =>
      this.interactions.findOfItem(catalogId, itemId, { filter: toFilter(query), after, limit }),
    );
  }
}
