import { Injectable } from '@nestjs/common';
import { UserMergesRepository } from '#data';
import { validationProblem } from '../common/problem/validation-problem.js';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { MergeCounts } from '../serving/users/merge-counts.js';
import { ShownItems } from '../serving/users/shown-items.js';
import { UserHistories } from '../serving/users/user-histories.js';
import { toMergedReply, type MergedReply, type UserMergeRequest } from './dto/user-merge.dto.js';

/** Makes one user of two that are one person, and sees to it that the very next answer knows. */
@Injectable()
export class UserMergesService {
  constructor(
    private readonly merges: UserMergesRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly shown: ShownItems,
    private readonly counts: MergeCounts,
  ) {}

  /** @throws DomainError `catalog-not-found`, `validation-failed`, `user-merged`, `write-conflict` */
  async merge(
    catalogId: string,
    intoId: string,
    { from: fromId }: UserMergeRequest,
    call: IdempotentCall | undefined,
  ): Promise<MergedReply> {
    if (fromId === intoId) throw validationProblem([{ path: ['from'], message: 'must be another user' }]);
    await this.catalogs.get(catalogId);
    const merged = await this.histories.changing(catalogId, (beforeCommit) =>
      this.merges.merge(
        catalogId,
        { intoId, fromId },
        { beforeCommit, idempotent: call?.keeping(toMergedReply) },
      ),
    );
    this.counts[merged.isNew ? 'merged' : 'repeated']++;
    // Also of a repeated call: the process that made the first one may have ended before it came to this.
    await this.shown.merge(catalogId, merged.mergedId, merged.userId);
    await this.histories.warm(catalogId, merged.changedUsers);
    return toMergedReply(merged);
  }
}
