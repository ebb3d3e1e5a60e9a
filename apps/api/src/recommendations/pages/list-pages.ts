import { Injectable } from '@nestjs/common';
import { v4 as uuid } from 'uuid';
import { DomainError, LIMITS, UUID_BYTES, uuidBytes, uuidOf } from '#domain';
import type { Candidate, RankedItem, Ranking, ServingCatalog, Shortfall } from '#ranking';
import { decodeCursor, encodeCursor, type ListName } from '../../common/cursor.js';
import { CachedLists, LIST_LIFE_SECONDS } from '../../serving/users/cached-lists.js';
import type { PopularReply } from '../http/dto/popular.dto.js';

/** The list's id comes first. */
const OFFSET_AT = UUID_BYTES;

/** Length of the list that pages are cut from. */
export function longestList({ diversity }: { readonly diversity?: number | undefined }): number {
  return diversity ? LIMITS.diverseK : LIMITS.k;
}

/** A list as it was when its first page was answered. */
export interface CachedList {
  readonly modelId: string | null;
  /** True when its pages count as shown. */
  readonly rotates: boolean;
  /** True for a user who has said no to personal lists. */
  readonly isRefused?: boolean | undefined;
  readonly reason: Shortfall | null;
  readonly unknownItems: readonly string[];
  /** Of a popular list that was counted. */
  readonly window?: PopularReply['window'];
  readonly items: readonly Candidate[];
}

export interface Page {
  readonly ranking: Ranking;
  readonly nextCursor: string | null;
}

/** Where lists of one kind are stored, and what their cursors are of. */
export interface ListPlace {
  readonly name: ListName;
  /** @returns the id of the list; null when it cannot be cached */
  keep(list: CachedList): Promise<string | null>;
  find(listId: string): Promise<unknown>;
}

/** Pages of lists that do not change while they are read. */
@Injectable()
export class ListPages {
  constructor(private readonly lists: CachedLists) {}

  /** Lists of one user, of which a few are stored. */
  ofUser(catalogId: string, userId: string): ListPlace {
    const address = { catalogId, userId };
    return {
      name: ['recommendations', catalogId, userId],
      keep: async (list) => {
        const listId = uuid();
        return (await this.lists.keep({ ...address, listId }, list)) ? listId : null;
      },
      find: (listId) => this.lists.find({ ...address, listId }),
    };
  }

  /** Lists that are the same for everybody. */
  ofAll(list: 'popular' | 'latest' | 'similar', catalogId: string, ...rest: string[]): ListPlace {
    return {
      name: [list, catalogId, ...rest],
      keep: (cached) => this.lists.keepShared(catalogId, cached),
      find: (listId) => this.lists.findShared(catalogId, listId),
    };
  }

  /** The first k items; no cursor when they are all, or when the list cannot be cached. */
  async first(
    place: ListPlace,
    { k, ranking, ...rest }: Omit<CachedList, 'items' | 'reason'> & { k: number; ranking: Ranking },
  ): Promise<Page> {
    const items = ranking.items.slice(0, k);
    const reason = items.length < k ? ranking.reason : undefined;
    if (ranking.items.length <= k) return { ranking: { items, reason }, nextCursor: null };
    const listId = await place.keep({
      ...rest,
      reason: ranking.reason ?? null,
      items: ranking.items.map(toCandidate),
    });
    return { ranking: { items, reason }, nextCursor: listId && cursorOf(place, listId, k) };
  }

  /**
   * The next k items that may still be answered.
   *
   * @throws DomainError `validation-failed` for a cursor that is none, `cursor-expired`
   */
  async next(
    place: ListPlace,
    { items }: ServingCatalog,
    { cursor, k }: { readonly cursor: string; readonly k: number },
  ): Promise<Page & { readonly list: CachedList }> {
    const position = decodeCursor(place.name, cursor);
    const listId = uuidOf(position.subarray(0, OFFSET_AT));
    const list = (await place.find(listId)) as CachedList | null;
    if (!list) throw cursorExpired();
    const page: RankedItem[] = [];
    let offset = position.readUInt16BE(OFFSET_AT);
    for (; offset < list.items.length && page.length < k; offset++) {
      const candidate = list.items[offset];
      const item = candidate && items.findByKey(candidate.itemKey);
      if (candidate && item?.available) page.push({ ...candidate, item });
    }
    const reason = page.length < k ? (list.reason ?? 'end-of-pages') : undefined;
    const nextCursor = offset < list.items.length ? cursorOf(place, listId, offset) : null;
    return { list, ranking: { items: page, reason }, nextCursor };
  }
}

/** The position is the id of the cached list and a place in it. */
function cursorOf({ name }: ListPlace, listId: string, offset: number): string {
  const position = Buffer.alloc(OFFSET_AT + 2);
  position.set(uuidBytes(listId));
  position.writeUInt16BE(offset, OFFSET_AT);
  return encodeCursor(name, position);
}

function toCandidate({ itemKey, score, source, baseScore }: RankedItem): Candidate {
  return { itemKey, score, source, ...(baseScore !== undefined && { baseScore }) };
}

export function cursorExpired(): DomainError {
  return new DomainError(
    'cursor-expired',
    `The list of this cursor is kept no longer: ${LIST_LIFE_SECONDS / 60} minutes at most, a few lists a user, and none from before the user said no. Begin again without a cursor`,
  );
}
