import { issueRecommendationId } from '@app/domain';
import type { ActiveModel } from '../serving/active-model.js';
import { AnswerCounts } from '../serving/answer-counts.js';
import type { CatalogItems } from '../serving/catalog-items.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { RecommendationReply } from './dto/recommendation.dto.js';
import type { UserRequest } from './dto/user-options.dto.js';
import type { KeyedHistory } from './keyed-history.js';

/** Longer ones are written anew each time: one is kept for each history in memory, and counted there as so much. */
export const MAX_KEPT_BYTES = 4_096;

/** Everything that an answer is made from, beside history and request. */
export interface Ground {
  readonly items: CatalogItems;
  readonly revision: number;
  readonly active: ActiveModel | null;
}

/** Bytes of an answer, with the place of its id in them. */
interface KeptAnswer extends Ground {
  readonly request: UserRequest;
  readonly bytes: Buffer;
  readonly idAt: number;
}

/**
 * The last answer for each history as bytes, under a new id each time. One that was made of the same history, the same request and the
 * same state of the catalog is the same: whatever changes makes another history, revision or model.
 */
export class KeptAnswers {
  readonly #answers = new WeakMap<KeyedHistory, KeptAnswer>();

  constructor(private readonly counts: AnswerCounts) {}

  /** @returns null when it has to be made */
  find({ items, active }: ServingCatalog, history: KeyedHistory, request: UserRequest): Buffer | null {
    const kept = this.#answers.get(history);
    if (kept?.request !== request || kept.active !== active) return null;
    if (kept.items !== items || kept.revision !== items.revision) return null;
    const modelId = active?.model.id ?? null;
    if (modelId !== null) this.counts.add(modelId);
    const bytes = Buffer.allocUnsafe(kept.bytes.length);
    bytes.set(kept.bytes);
    bytes.write(issueRecommendationId(modelId), kept.idAt, 'latin1');
    return bytes;
  }

  /** @param ground as it was before the answer was made */
  keep(
    history: KeyedHistory,
    request: UserRequest,
    answer: { readonly ground: Ground; readonly reply: RecommendationReply; readonly text: string },
  ): void {
    const { ground, reply, text } = answer;
    const size = Buffer.byteLength(text);
    if (size > MAX_KEPT_BYTES || reply.modelId !== (ground.active?.model.id ?? null)) return;
    // Not of the pool, which what is kept would hold as a whole.
    const bytes = Buffer.alloc(size);
    bytes.write(text);
    this.#answers.set(history, { ...ground, request, bytes, idAt: bytes.indexOf(reply.recommendationId) });
  }
}

/** True for a list that depends on nothing but history, request, items and model: not on the time, nor on what only the database has. */
export function isRepeatable(request: UserRequest): boolean {
  const { cursor, paging, rotation, filter, boost, fields } = request;
  if (cursor !== undefined || paging || rotation) return false;
  return !filter && !boost && fields.every((field) => field === 'title');
}
