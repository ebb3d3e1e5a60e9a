import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { BlockUser } from '#data';
import { shortestFloat32, type ListJob, type StoredList } from '#domain';
import type { ComputeThreads } from '#models';
import {
  asOf,
  BatchRanking,
  ItemFilters,
  type BatchCatalog,
  type Filter,
  type ItemColumns,
  type NewItemCatalogs,
  type Ranking,
} from '#ranking';

const compress = promisify(gzip);

/** What lists are made of besides the catalog. */
export interface ListParts {
  readonly columns: ItemColumns;
  readonly newItems: NewItemCatalogs;
  readonly compute: ComputeThreads;
  readonly filter: Filter | null;
}

/** Makes the lists of one job, as they are at the moment, by its model. */
export class JobLists {
  readonly #filters: ItemFilters;
  readonly #ranking: BatchRanking;

  constructor(
    private readonly job: Pick<ListJob, 'k'>,
    private readonly catalog: BatchCatalog,
    private readonly parts: ListParts,
  ) {
    this.#filters = new ItemFilters(parts.columns);
    this.#ranking = new BatchRanking(parts.compute);
  }

  /**
   * Lists of these users, one JSON object a line, compressed.
   *
   * @param signal breaks it off between two lists
   */
  async make(users: readonly BlockUser[], signal?: AbortSignal): Promise<Uint8Array> {
    const { catalog, parts, job } = this;
    await catalog.items.refresh();
    const now = { ...(await parts.newItems.asItIsNow(catalog)), active: catalog.active };
    const filter = parts.filter ? await this.#filters.resolve(catalog, parts.filter) : undefined;
    const at = Date.now();
    const histories = users.map(({ history }) => asOf(history, at));
    const lists = await this.#ranking.rank(now, histories, { k: job.k, filter }, signal);
    const lines = lists.map((list, place) => `${JSON.stringify(toStored(users[place]!, list))}\n`);
    return compress(lines.join(''), { level: constants.Z_BEST_SPEED });
  }

  /** Ends the compute threads. */
  close(): void {
    this.parts.compute.close();
  }
}

function toStored({ userId, history }: BlockUser, { items, reason }: Ranking): StoredList {
  return {
    userId,
    items: items.map(({ item, score, source }) => ({
      itemId: item.itemId,
      score: shortestFloat32(score),
      source,
    })),
    ...(reason && { reason }),
    ...(history.isRefused && { personalised: false }),
  };
}
