import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { CACHED_LISTS_BYTES, CachedLists } from '../serving/users/cached-lists.js';
import { BYTES_PER_USER } from '../serving/users/cached-users.js';
import { MAX_SHOWN_ITEMS, SHOWN_ITEM_BYTES, ShownItems } from '../serving/users/shown-items.js';
import { UserHistories } from '../serving/users/user-histories.js';
import type { UsageEntry } from './dto/usage.dto.js';

type Part = Pick<UsageEntry, 'kind' | 'count' | 'bytes' | 'measured' | 'atMostBytes'>;

/** What the process that answers keeps of a catalog's users. */
@Injectable()
export class UserUsages {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly histories: UserHistories,
    private readonly lists: CachedLists,
    private readonly shown: ShownItems,
  ) {}

  measure(catalogId: string): Part[] {
    const { USER_CACHE_ENTRIES } = this.environment;
    const mostBytes = USER_CACHE_ENTRIES * BYTES_PER_USER;
    return [
      { kind: 'users', ...this.histories.measure(catalogId), atMostBytes: mostBytes },
      ...this.#withoutRedis(catalogId),
    ];
  }

  /** What Redis keeps where there is one. */
  #withoutRedis(catalogId: string): Part[] {
    const mostShown = Math.max(1, this.environment.USER_CACHE_ENTRIES) * MAX_SHOWN_ITEMS;
    const mostBytes = { 'cached-lists': CACHED_LISTS_BYTES, 'shown-items': mostShown * SHOWN_ITEM_BYTES };
    const parts = [
      { kind: 'cached-lists' as const, ...this.lists.measure(catalogId) },
      { kind: 'shown-items' as const, ...this.shown.measure(catalogId) },
    ];
    return parts
      .filter(({ count }) => count > 0)
      .map((part) => ({ ...part, measured: null, atMostBytes: mostBytes[part.kind] }));
  }
}
