import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '@app/config';
import { InteractionsRepository, parseInteractionRows, type ChangedUser, type RowFormat } from '@app/data';
import { aheadOfClock, DEFAULT_INTERACTION_TYPE, readAttribution, type StoredBatch } from '@app/domain';
import { validationProblem } from '../common/problem/validation-problem.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
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

  async record(catalogId: string, request: RecordRequest, call?: KeyedCall): Promise<StoredBatch> {
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
    const result = await this.interactions.record(catalogId, interactions, this.#options(catalogId, call));
    await this.#follow(catalogId, result.changedUsers);
    return toBatch(result);
  }

  async import(
    catalogId: string,
    { rows, format }: { readonly rows: Readable; readonly format: RowFormat },
    call?: KeyedCall,
  ): Promise<StoredBatch> {
    await this.catalogs.get(catalogId);
    const interactions = parseInteractionRows(rows, {
      format,
      now: new Date(),
      clockToleranceSeconds: this.environment.CLOCK_TOLERANCE_SECONDS,
    });
    const options = this.#options(catalogId, call);
    const result = await this.interactions.importAll(catalogId, interactions, options);
    await this.#follow(catalogId, result.changedUsers === 'many' ? [] : result.changedUsers);
    return toBatch(result);
  }

  #options(catalogId: string, call?: KeyedCall) {
    return {
      beforeCommit: (changed: readonly ChangedUser[]) => this.histories.invalidate(catalogId, changed),
      keyed: call?.keeping(toBatch),
    };
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

/** What is answered, and kept to be answered again. */
function toBatch({ stored, duplicates, merged }: StoredBatch): StoredBatch {
  return { stored, duplicates, merged };
}
