import { Injectable } from '@nestjs/common';
import { shortestFloat32 } from '#domain';
import { ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { SimilarUsers } from '../../serving/users/similar-users.js';
import type { SimilarUsersReply } from '../http/dto/similar-users.dto.js';

@Injectable()
export class SimilarUsersService {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly similar: SimilarUsers,
  ) {}

  /** Nobody is like an unknown user, or one who has said no; that is no error. */
  async find(catalogId: string, userId: string, k: number): Promise<SimilarUsersReply> {
    await this.catalogs.get(catalogId);
    const found = await this.similar.find(catalogId, userId, k);
    const nobody = typeof found === 'string' ? found : undefined;
    const users = (typeof found === 'string' ? [] : found).map((user) => ({
      ...user,
      score: shortestFloat32(Math.min(1, user.score)),
    }));
    const common = { users, measure: 'cosine', exact: true } as const;
    if (nobody) return { ...common, reason: nobody };
    if (users.length === k) return common;
    return { ...common, reason: users.length === 0 ? 'no-users-share-items' : 'fewer-users-share-items' };
  }
}
