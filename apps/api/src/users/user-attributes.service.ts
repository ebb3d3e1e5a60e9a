import { Injectable } from '@nestjs/common';
import { UserAttributesRepository } from '#data';
import type { JsonObject } from '#domain';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import type { UserAttributesFields, UserAttributesReply } from './dto/user-attributes.dto.js';

/** What is known of users beside what they did; the very next list knows it. */
@Injectable()
export class UserAttributesService {
  constructor(
    private readonly attributes: UserAttributesRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
  ) {}

  async put(
    catalogId: string,
    userId: string,
    fields: UserAttributesFields,
  ): Promise<{ readonly user: UserAttributesReply; readonly created: boolean }> {
    await this.catalogs.get(catalogId);
    const tags = [...new Set(fields.tags)];
    const attributes = { tags, metadata: fields.metadata as JsonObject };
    const { changedUsers, created, ...changed } = await this.histories.changing(catalogId, (beforeCommit) =>
      this.attributes.put(catalogId, userId, attributes, beforeCommit),
    );
    await this.histories.warm(catalogId, changedUsers);
    return { user: { userId: changed.userId, tags, metadata: fields.metadata }, created };
  }
}
