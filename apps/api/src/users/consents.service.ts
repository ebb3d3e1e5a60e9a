import { Injectable } from '@nestjs/common';
import { ConsentsRepository } from '#data';
import type { Consent } from '#domain';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';

/** What users allow, of which the very next list knows. */
@Injectable()
export class ConsentsService {
  constructor(
    private readonly consents: ConsentsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
  ) {}

  async find(catalogId: string, userId: string): Promise<Consent> {
    await this.catalogs.get(catalogId);
    return this.consents.find(catalogId, userId);
  }

  async put(catalogId: string, userId: string, consent: Consent, ifMatch?: string): Promise<Consent> {
    await this.catalogs.get(catalogId);
    const { changedUsers } = await this.histories.changing(catalogId, (beforeCommit) =>
      this.consents.put(catalogId, userId, consent, { beforeCommit, ifMatch }),
    );
    await this.histories.warm(catalogId, changedUsers);
    return consent;
  }
}
