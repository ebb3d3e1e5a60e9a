import { Injectable } from '@nestjs/common';
import { SimilarUsersRepository, type NobodyReason, type SimilarUser } from '#data';
import { SingleFlight } from '#domain';
import { HeavyReads } from '../../common/concurrency/heavy-reads.js';

/** Users alike by their interactions. */
@Injectable()
export class SimilarUsers {
  readonly #running = new SingleFlight<SimilarUser[] | NobodyReason>();

  constructor(
    private readonly users: SimilarUsersRepository,
    private readonly reads: HeavyReads,
  ) {}

  /** @returns why not, where nobody is looked for @throws DomainError `database-unavailable` */
  find(catalogId: string, userId: string, k: number): Promise<SimilarUser[] | NobodyReason> {
    return this.#running.run(JSON.stringify([catalogId, userId, k]), () =>
      this.reads.run(() => this.users.findNearest(catalogId, userId, k)),
    );
  }
}
