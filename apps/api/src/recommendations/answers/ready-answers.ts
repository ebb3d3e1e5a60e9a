import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { issueRecommendationId } from '#domain';
import { LRUCache } from 'lru-cache';
import { Draining } from '../../draining/draining.js';
import { AnswerCounts } from '../../serving/answer-counts.js';
import { ServingCatalogs, type ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import type { HeldUser } from '../../serving/users/held-users.js';
import { UserHistories } from '../../serving/users/user-histories.js';
import type { RecommendationReply } from '../http/dto/recommendation.dto.js';
import type { UserRequest } from '../http/dto/user-options.dto.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Longer answers are made anew each time. */
export const MAX_READY_BYTES = 4_096;
/** Memory of all that are kept, with their addresses, for each user that may be held. */
const BYTES_PER_USER = 3 * 1024;
const BYTES_PER_ANSWER = 512;

/** What an answer is made from, beside user and request: by name, since an answer must not hold a model that was replaced. */
export interface Ground {
  readonly catalogId: string;
  readonly modelId: string | null;
  readonly itemsRevision: number;
  /** No later catalog of the name has it. */
  readonly cacheEpoch: number;
}

/**
 * What comes before and after the id of an answer: a character for each byte of its UTF-8. Node sends a text together with the head;
 * bytes would be copied apart, and each answer's be an object more for the garbage collector.
 */
interface ReadyAnswer {
  readonly user: HeldUser;
  readonly ground: Ground;
  readonly beforeId: string;
  readonly afterId: string;
}

/**
 * The last answer for each user that is held, by the address that was asked for, under a new id each time. One that was made of
 * the same history, the same request and the same state of the catalog is the same: whatever changes drops the user, or makes
 * another revision, model or epoch.
 */
@Injectable()
export class ReadyAnswers {
  readonly #answers: LRUCache<string, ReadyAnswer>;
  #lastGround: Ground | undefined;

  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly histories: UserHistories,
    private readonly counts: AnswerCounts,
    private readonly draining: Draining,
    @Inject(ENVIRONMENT) { USER_CACHE_ENTRIES }: Pick<Environment, 'USER_CACHE_ENTRIES'>,
  ) {
    this.#answers = new LRUCache({
      maxSize: Math.max(1, USER_CACHE_ENTRIES * BYTES_PER_USER),
      sizeCalculation: ({ beforeId, afterId }, url) =>
        BYTES_PER_ANSWER + beforeId.length + afterId.length + url.length,
      dispose: ({ user }) => (user.onDropped = undefined),
    });
    // From then on everything is left to the routes, whose answers close their connections.
    draining.begun.subscribe(() => this.#answers.clear());
  }

  /** Answers a request whose answer is ready, before it is routed. @returns false for any other, which is left as it is */
  answer({ method, url, headers }: IncomingMessage, response: ServerResponse): boolean {
    const isReadable = method === 'GET' && url !== undefined && headers.host !== undefined;
    const text = isReadable && this.#find(url);
    if (!text) return false;
    response.writeHead(200, ['content-type', JSON_TYPE, 'content-length', String(text.length)]);
    response.end(text, 'latin1');
    return true;
  }

  /** @returns the answer that is ready for this address, under an id of its own */
  find(url: string): Buffer | undefined {
    const text = this.#find(url);
    return text === undefined ? undefined : Buffer.from(text, 'latin1');
  }

  #find(url: string): string | undefined {
    const ready = this.#answers.get(url);
    return ready && this.#isCurrent(ready) ? this.#underNewId(ready) : undefined;
  }

  /** What an answer that is now made will have been made from. */
  ground(catalog: ServingCatalog): Ground {
    const last = this.#lastGround;
    // One object for all that have the same: another for each of many thousands would seldom be in the processor's cache.
    if (last?.catalogId === catalog.id && this.#stands(last)) return last;
    const { id, active, items } = catalog;
    const cacheEpoch = this.catalogs.cacheEpoch(id);
    this.#lastGround = {
      catalogId: id,
      modelId: active?.model.id ?? null,
      itemsRevision: items.revision,
      cacheEpoch,
    };
    return this.#lastGround;
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
    if (this.draining.isOn || Buffer.byteLength(text) > MAX_READY_BYTES || !this.histories.isCurrent(user))
      return;
    // Without a model it depends on counts, which change by themselves.
    if (reply.modelId === null || reply.modelId !== ground.modelId) return;
    const bytes = Buffer.from(text);
    const idAt = bytes.indexOf(reply.recommendationId);
    const beforeId = bytes.toString('latin1', 0, idAt);
    const afterId = bytes.toString('latin1', idAt + reply.recommendationId.length);
    user.onDropped?.();
    this.#answers.set(url, { user, ground, beforeId, afterId });
    user.onDropped = () => this.#answers.delete(url);
  }

  #isCurrent({ user, ground }: ReadyAnswer): boolean {
    return this.#stands(ground) && this.histories.isCurrent(user);
  }

  #stands({ catalogId, modelId, itemsRevision, cacheEpoch }: Ground): boolean {
    const catalog = this.catalogs.peek(catalogId);
    if (catalog?.items.revision !== itemsRevision || (catalog.active?.model.id ?? null) !== modelId)
      return false;
    return this.catalogs.cacheEpoch(catalogId) === cacheEpoch;
  }

  #underNewId({ beforeId, afterId, ground }: ReadyAnswer): string {
    const { modelId } = ground;
    if (modelId !== null) this.counts.add(modelId);
    return beforeId + issueRecommendationId(modelId) + afterId;
  }
}

/** True for a list that depends on nothing but history, request, items and model: not on the time, nor on what only the database has. */
export function isRepeatable(request: UserRequest): boolean {
  const { cursor, paging, rotation, filter, boost, fields } = request;
  if (cursor !== undefined || paging || rotation) return false;
  return !filter && !boost && fields.every((field) => field === 'title');
}
