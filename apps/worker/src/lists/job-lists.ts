import type { BlockUser } from '#data';
import { shortestFloat32, type ListJob, type ServedItem } from '#domain';
import type { ComputeThreads } from '#models';
import {
  asOf,
  BatchRanking,
  ItemFilters,
  type BatchCatalog,
  type Filter,
  type ItemColumns,
  type NewItemCatalogs,
  type RankedBatch,
  type Ranking,
} from '#ranking';

/** What lists are made of besides the catalog. */
export interface ListParts {
  readonly columns: ItemColumns;
  readonly newItems: NewItemCatalogs;
  readonly compute: ComputeThreads;
  readonly filter: Filter | null;
}

/** Users whose histories are ranked, and whose lists are not made yet. */
export interface RankedUsers {
  readonly users: readonly BlockUser[];
  readonly batch: RankedBatch;
}

/** Makes the lists of one job, as they are at the moment, by its model. */
export class JobLists {
  readonly #filters: ItemFilters;
  readonly #ranking: BatchRanking;
  /** How an item begins in JSON, by its key. */
  readonly #openings: string[] = [];

  constructor(
    private readonly job: Pick<ListJob, 'k'>,
    private readonly catalog: BatchCatalog,
    private readonly parts: ListParts,
  ) {
    this.#filters = new ItemFilters(parts.columns);
    this.#ranking = new BatchRanking(parts.compute);
  }

  /** What the compute threads do, who may be at the next users while lists of these are made. */
  async rank(users: readonly BlockUser[]): Promise<RankedUsers> {
    const { catalog, parts, job } = this;
    await catalog.items.refresh();
    const now = { ...(await parts.newItems.asItIsNow(catalog)), active: catalog.active };
    const filter = parts.filter ? await this.#filters.resolve(catalog, parts.filter) : undefined;
    const at = Date.now();
    const histories = users.map(({ history }) => asOf(history, at));
    return { users, batch: await this.#ranking.rank(now, histories, { k: job.k, filter }) };
  }

  /**
   * Lists of ranked users, one JSON object a line; of one block at a time.
   *
   * @param signal breaks it off between two lists
   */
  async make({ users, batch }: RankedUsers, signal?: AbortSignal): Promise<string> {
    const lines: string[] = [];
    for await (const list of this.#ranking.lists(batch, signal))
      lines.push(this.#toLine(users[lines.length]!, list));
    return lines.join('');
  }

  /** Ends the compute threads. */
  close(): void {
    this.parts.compute.close();
  }

  /** A `StoredList`: some items are in most lists, so their ids are written once. */
  #toLine({ userId, history }: BlockUser, { items, reason }: Ranking): string {
    const places = items.map(
      ({ item, score, source }) => `${this.#openingOf(item)}${shortestFloat32(score)},"source":"${source}"}`,
    );
    const ending = `${reason ? `,"reason":"${reason}"` : ''}${history.isRefused ? ',"personalised":false' : ''}`;
    return `{"userId":${JSON.stringify(userId)},"items":[${places.join(',')}]${ending}}\n`;
  }

  #openingOf({ itemKey, itemId }: ServedItem): string {
    return (this.#openings[itemKey] ??= `{"itemId":${JSON.stringify(itemId)},"score":`);
  }
}
