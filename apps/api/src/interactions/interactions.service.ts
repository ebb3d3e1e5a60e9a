import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '@app/config';
import { InteractionsRepository, parseInteractionRows, type ChangedUser, type RowFormat } from '@app/data';
import { aheadOfClock, DEFAULT_INTERACTION_TYPE, readAttribution, type StoredBatch } from '@app/domain';
import { validationProblem } from '../common/problem/validation-problem.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/users/user-histories.js';
import type { RecordRequest } from './dto/interactions.dto.js';

/** Stores interactions and sees to it that the very next recommendation knows them. */
@Injectable()
export class InteractionsService {
  constructor(
    private readonly interactions: InteractionsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async record(catalogId: string, request: RecordRequest): Promise<StoredBatch> {
    await this.catalogs.get(catalogId);
    const now = new Date();
    const interactions = request.interactions.map(
      ({ type = DEFAULT_INTERACTION_TYPE, occurredAt, recommendationId, ...rest }) => ({
        ...rest,
        recommendedBy: readAttribution(recommendationId ?? '', now) ?? undefined,
        type,
        occurredAt: occurredAt === undefined ? now : new Date(occurredAt),
      }),
    );
    requireTimes(interactions, this.environment.CLOCK_TOLERANCE_SECONDS);
    const { changedUsers, ...batch } = await this.interactions.record(
      catalogId,
      interactions,
      this.#invalidate(catalogId),
    );
    await this.#follow(catalogId, changedUsers);
    return batch;
  }

  async import(catalogId: string, rows: Readable, format: RowFormat): Promise<StoredBatch> {
    await this.catalogs.get(catalogId);
    const interactions = parseInteractionRows(rows, {
      format,
      now: new Date(),
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
    });
    const { changedUsers, ...batch } = await this.interactions.importAll(catalogId, interactions, {
      beforeCommit: this.#invalidate(catalogId),
    });
    await this.#follow(catalogId, changedUsers === 'many' ? [] : changedUsers);
    return batch;
  }

  #invalidate(catalogId: string) {
    return (changed: readonly ChangedUser[]) => this.histories.invalidate(catalogId, changed);
  }

  async #follow(catalogId: string, changed: readonly ChangedUser[]): Promise<void> {
    await this.catalogs.refreshItems(catalogId);
    await this.histories.warm(catalogId, changed);
  }
}

/** @throws DomainError `validation-failed` naming every interaction that is too far ahead of the clock */
function requireTimes(
  interactions: readonly { readonly occurredAt: Date }[],
  toleranceSeconds: number,
): void {
  const issues = interactions.flatMap(({ occurredAt }, position) => {
    const message = aheadOfClock(occurredAt, toleranceSeconds);
    return message === null ? [] : [{ path: ['interactions', position, 'occurredAt'], message }];
  });
  if (issues.length > 0) throw validationProblem(issues);
}
