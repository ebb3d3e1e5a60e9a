import { Injectable } from '@nestjs/common';
import { LIMITS } from '#domain';
import type { ServingCatalog } from '#ranking';
import type { PopularReply } from '../http/dto/popular.dto.js';
import { ListPages, type ListPlace } from '../pages/list-pages.js';
import type { MadeList } from './list-replies.js';

interface PageRequest {
  readonly k: number;
  readonly paging: boolean;
}

/** A list, or a page of it, with what a popular list says of its count. */
export type MadePage = MadeList & { readonly window?: PopularReply['window'] };

/** Length of the list that is to be made for a request. */
export function lengthOf({ k, paging }: PageRequest): number {
  return paging ? LIMITS.k : k;
}

/** Pages of lists that are the same for everybody. */
@Injectable()
export class SharedPages {
  constructor(private readonly pages: ListPages) {}

  placeOf(...place: Parameters<ListPages['ofAll']>): ListPlace {
    return this.pages.ofAll(...place);
  }

  /** The list as it was asked for: whole, or its first page. */
  async first(place: ListPlace, made: MadePage, { k, paging }: PageRequest): Promise<MadePage> {
    if (!paging) return made;
    const { now, unknownItems, window } = made;
    const modelId = now.active?.model.id ?? null;
    const list = {
      k,
      ranking: made.ranking,
      modelId,
      rotates: false,
      unknownItems,
      ...(window && { window }),
    };
    return { ...made, ...(await this.pages.first(place, list)) };
  }

  /** @throws DomainError `validation-failed`, `cursor-expired` */
  async next(
    place: ListPlace,
    now: ServingCatalog,
    { startedAt, ...request }: { readonly k: number; readonly cursor: string; readonly startedAt: number },
  ): Promise<MadePage> {
    const { list, ...page } = await this.pages.next(place, now, request);
    const { unknownItems, modelId, window } = list;
    return { now, ...page, unknownItems, modelId, startedAt, isPreview: false, ...(window && { window }) };
  }
}
