import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '@app/config';
import { issueRecommendationId } from '@app/domain';
import { LRUCache } from 'lru-cache';
import type { ActiveModel } from '../serving/active-model.js';
import { AnswerCounts } from '../serving/answer-counts.js';
import type { HeldUser } from '../serving/held-users.js';
import { ServingCatalogs, type ServingCatalog } from '../serving/serving-catalogs.js';
import { UserHistories } from '../serving/user-histories.js';
import type { RecommendationReply } from './dto/recommendation.dto.js';
import type { UserRequest } from './dto/user-options.dto.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Longer answers are made anew each time. */
export const MAX_READY_BYTES = 4_096;
/** Memory of all that are kept, with their addresses, for each user that may be held. */
const BYTES_PER_USER = 3 * 1024;
const BYTES_PER_ANSWER = 512;

/** Everything that an answer is made from, beside user and request. */
export interface Ground {
  readonly catalog: ServingCatalog;
  readonly active: ActiveModel | null;
  readonly itemsRevision: number;
  readonly cacheEpoch: number;
}

/** Bytes of an answer, with the place of its id in them. */
interface ReadyAnswer {
  readonly user: HeldUser;
  readonly ground: Ground;
  readonly bytes: Buffer;
  readonly idAt: number;
}

/**
 * The last answer for each user that is held, by the address that was asked for, as bytes under a new id each time. One that was made of
 * the same history, the same request and the same state of the catalog is the same: whatever changes drops the user, or makes
 * another revision, model or epoch.
 */
@Injectable()
export class ReadyAnswers implements BeforeApplicationShutdown {
  readonly #answers: LRUCache<string, ReadyAnswer>;
  #isClosing = false;

  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly counts: AnswerCounts,
    @Inject(ENVIRONMENT) { USER_CACHE_ENTRIES }: Pick<Environment, 'USER_CACHE_ENTRIES'>,
  ) {
    this.#answers = new LRUCache({
      maxSize: Math.max(1, USER_CACHE_ENTRIES * BYTES_PER_USER),
      sizeCalculation: ({ bytes }, url) => BYTES_PER_ANSWER + bytes.length + url.length,
      dispose: ({ user }) => (user.onDropped = undefined),
    });
  }

  /** From now on everything is left to the routes, which refuse calls while the process ends. */
  beforeApplicationShutdown(): void {
    this.#isClosing = true;
    this.#answers.clear();
  }

  /** Answers a request whose answer is ready, before it is routed. @returns false for any other, which is left as it is */
  answer({ method, url }: IncomingMessage, response: ServerResponse): boolean {
    const bytes = method === 'GET' && url !== undefined && this.find(url);
    if (!bytes) return false;
    response.writeHead(200, ['content-type', JSON_TYPE, 'content-length', String(bytes.length)]);
    response.end(bytes);
    return true;
  }

  /** @returns the answer that is ready for this address, under an id of its own */
  find(url: string): Buffer | undefined {
    const ready = this.#answers.get(url);
    return ready && this.#isCurrent(ready) ? this.#underNewId(ready) : undefined;
  }

  /** What an answer that is now made will have been made from. */
  ground(catalog: ServingCatalog): Ground {
    const { id, active, items } = catalog;
    return { catalog, active, itemsRevision: items.revision, cacheEpoch: this.catalogs.cacheEpoch(id) };
  }

  /** @param answer to be sent for this address while user and ground are as they were before it was made */
  keep(
    url: string,
    answer: {
      readonly user: HeldUser;
      readonly ground: Ground;
      readonly reply: RecommendationReply;
      readonly text: string;
    },
  ): void {
    const { user, ground, reply, text } = answer;
    const size = Buffer.byteLength(text);
    if (this.#isClosing || size > MAX_READY_BYTES || !this.histories.isCurrent(user)) return;
    if (reply.modelId !== (ground.active?.model.id ?? null)) return;
    // Not of the pool, which what is kept would hold as a whole.
    const bytes = Buffer.alloc(size);
    bytes.write(text);
    user.onDropped?.();
    this.#answers.set(url, { user, ground, bytes, idAt: bytes.indexOf(reply.recommendationId) });
    user.onDropped = () => this.#answers.delete(url);
  }

  #isCurrent({ user, ground }: ReadyAnswer): boolean {
    const { catalog, active, itemsRevision, cacheEpoch } = ground;
    if (catalog.active !== active || catalog.items.revision !== itemsRevision) return false;
    if (this.catalogs.peek(catalog.id) !== catalog) return false;
    return this.catalogs.cacheEpoch(catalog.id) === cacheEpoch && this.histories.isCurrent(user);
  }

  #underNewId({ bytes: kept, idAt, ground }: ReadyAnswer): Buffer {
    const modelId = ground.active?.model.id ?? null;
    if (modelId !== null) this.counts.add(modelId);
    const bytes = Buffer.allocUnsafe(kept.length);
    bytes.set(kept);
    bytes.write(issueRecommendationId(modelId), idAt, 'latin1');
    return bytes;
  }
}

/** True for a list that depends on nothing but history, request, items and model: not on the time, nor on what only the database has. */
export function isRepeatable(request: UserRequest): boolean {
  const { cursor, paging, rotation, filter, boost, fields } = request;
  if (cursor !== undefined || paging || rotation) return false;
  return !filter && !boost && fields.every((field) => field === 'title');
}
