import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { ApiKey } from '#domain';
import type { LogNames } from '#tracing';
import { describeProblem, toDomainError } from '../../../common/problem/describe-problem.js';
import { validationProblem } from '../../../common/problem/validation-problem.js';
import { ServingCatalogs } from '../../../serving/catalogs/serving-catalogs.js';
import { RecommendationsService } from '../../answers/recommendations.service.js';
import { UserListsService } from '../../answers/user-lists.service.js';
import type { RecommendationReply } from '../dto/recommendation.dto.js';
import { parseEntry, type BatchLine, type BatchRequest } from './batch.dto.js';
import { inOrder } from './in-order.js';

/** Lists that are worked on at once; more would only wait for one another. */
const CONCURRENCY = 8;

type Entry = BatchRequest['requests'][number];

/** Who asks for a batch. */
interface Asker {
  /** Of the lines of the log. */
  readonly names: LogNames;
  /** Null where no key is needed. */
  readonly caller: ApiKey | null;
}

interface Place extends Asker {
  readonly catalogId: string;
  readonly index: number;
}

/** Answers many requests for lists as lines of JSON. */
@Injectable()
export class RecommendationBatches {
  readonly #logger = new Logger(RecommendationBatches.name);

  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly recommendations: RecommendationsService,
    private readonly userLists: UserListsService,
  ) {}

  /**
   * One line an entry, in their order; one that fails is a line with an
   * error. @throws DomainError `catalog-not-found`
   */
  async answer(catalogId: string, entries: readonly Entry[], asker: Asker): Promise<Readable> {
    await this.catalogs.get(catalogId);
    const lines = inOrder(entries, CONCURRENCY, async (entry, index) => {
      const line = await this.#line({ catalogId, index, ...asker }, entry);
      return `${JSON.stringify(line)}\n`;
    });
    return Readable.from(lines, { objectMode: false });
  }

  async #line(place: Place, entry: Entry): Promise<BatchLine> {
    const { index, names } = place;
    try {
      return { index, ...(await this.#recommend(place, entry)) };
    } catch (error) {
      const problem = describeProblem(toDomainError(error));
      if (problem.status >= 500)
        this.#logger.error({ event: 'batch-entry.failed', ...names, instance: problem.instance, error });
      return { index, error: problem };
    }
  }

  async #recommend({ catalogId, index, caller }: Place, entry: Entry): Promise<RecommendationReply> {
    const { user, basket } = parseEntry(entry);
    const { error } = user ?? basket;
    if (error)
      throw validationProblem(
        error.issues.map((issue) => ({ ...issue, path: ['requests', index, ...issue.path] })),
      );
    if (!user) return this.recommendations.forBasket(catalogId, basket.data!, caller);
    const { userId, ...request } = user.data!;
    return this.userLists.forUser({ catalogId, userId, caller }, request);
  }
}
