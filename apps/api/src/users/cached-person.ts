import { Injectable } from '@nestjs/common';
import { PersonExportsRepository } from '#data';
import { DomainError, shortestFloat32, type PersonRowKind } from '#domain';
import type { CachedHistory, Shown } from '#ranking';
import type { CachedList } from '../recommendations/pages/list-pages.js';
import { CachedLists } from '../serving/users/cached-lists.js';
import { ShownItems } from '../serving/users/shown-items.js';
import { UserHistories } from '../serving/users/user-histories.js';

interface CachedPerson {
  readonly history: CachedHistory | null;
  readonly shown: Shown;
  /** By the ids of the lists. */
  readonly lists: ReadonlyMap<string, CachedList>;
}

type Row = { readonly kind: PersonRowKind } & Readonly<Record<string, unknown>>;
type IdOf = (itemKey: number) => string | undefined;

/** What the cache holds of a person: in Redis, or in the memory of this process where there is none. */
@Injectable()
export class CachedPersons {
  constructor(
    private readonly histories: UserHistories,
    private readonly shown: ShownItems,
    private readonly lists: CachedLists,
    private readonly exports: PersonExportsRepository,
  ) {}

  /** As rows of the file of a person. @throws DomainError `cache-unavailable`, `database-unavailable` */
  async findRows(catalogId: string, userId: string): Promise<Row[]> {
    const cached = await this.#find(catalogId, userId);
    const ids = await this.exports.findItemIds(catalogId, [...keysOf(cached)]);
    const idOf: IdOf = (key) => ids.get(key);
    const { history, shown, lists } = cached;
    return [
      ...[...shown].map(([key, at]): Row => ({
        ...{ kind: 'rotation', userId, itemId: idOf(key) },
        shownAt: new Date(at).toISOString(),
      })),
      ...(history ? [historyRow(userId, history, idOf)] : []),
      ...[...lists].map(([listId, list]) => listRow(userId, { listId, list }, idOf)),
    ];
  }

  async #find(catalogId: string, userId: string): Promise<CachedPerson> {
    try {
      const [history, shown, lists] = await Promise.all([
        this.histories.readCached(catalogId, userId),
        this.shown.read(catalogId, userId),
        this.lists.readAll(catalogId, userId),
      ]);
      return { history, shown, lists: lists as CachedPerson['lists'] };
    } catch (error) {
      throw new DomainError('cache-unavailable', 'Redis does not say what it holds of the user', {
        cause: error,
        retryAfterSeconds: 5,
      });
    }
  }
}

function keysOf({ history, shown, lists }: CachedPerson): Set<number> {
  return new Set([
    ...shown.keys(),
    ...(history?.itemKeys ?? []),
    ...(history?.alsoSeen ?? []),
    ...[...lists.values()].flatMap(({ items }) => items.map(({ itemKey }) => itemKey)),
  ]);
}

function historyRow(userId: string, history: CachedHistory, idOf: IdOf): Row {
  const { revision, itemKeys, values, repeatable, alsoSeen, returning, ...own } = history;
  const { embedding, isRefused, traits } = own;
  const idsOf = (keys: Int32Array) => [...keys].map(idOf);
  return {
    ...{ kind: 'cached-history', userId, revision },
    items: [...itemKeys].map((key, place) => ({ itemId: idOf(key), value: shortestFloat32(values[place]!) })),
    ...(isRefused && { personal: false }),
    ...(traits && { tags: [...traits.tags], metadata: Object.fromEntries(traits.numbers) }),
    ...(repeatable && { repeatable: idsOf(repeatable) }),
    ...(alsoSeen && { alsoSeen: idsOf(alsoSeen) }),
    ...(returning && {
      returning: [...returning.itemKeys].map((key, place) => ({
        ...{ itemId: idOf(key), at: new Date(returning.at[place]!).toISOString() },
      })),
    }),
    ...(embedding && {
      embedding: { modelId: embedding.modelId, values: Array.from(embedding.values, shortestFloat32) },
    }),
  };
}

function listRow(
  userId: string,
  { listId, list }: { readonly listId: string; readonly list: CachedList },
  idOf: IdOf,
): Row {
  const { modelId, items } = list;
  return {
    ...{ kind: 'cached-list', userId, listId, modelId },
    items: items.map(({ itemKey, score, source }) => ({
      ...{ itemId: idOf(itemKey), score: shortestFloat32(score), source },
    })),
  };
}
