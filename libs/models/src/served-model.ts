import type { MemoryKind } from '#sparse';
import { decodeFrame, encodeFrame, section } from './artifact/frame.js';
import { modelKind, restoreModel } from './model-registry.js';
import type { SentModel, Recommender } from './recommender.js';

const FORMAT = 'served-model';
/** Of keys that are ascending, which is all that processes of 0.1 read. */
const ASCENDING = 1;
/** Of keys in any order. */
const ANY_ORDER = 2;

/**
 * The item side of one version: a model, the popularity that fills its lists up, and which
 * item each column is.
 */
export interface ServedModel {
  readonly kind: string;
  /** `itemKey` of each `itemIndex`, in any order: a snapshot has its items in the order of their ids. */
  readonly itemKeys: Int32Array;
  readonly recommender: Recommender;
  readonly popularity: Recommender;
}

/** One checksummed block for the database and the cache. */
export function encodeServedModel(model: ServedModel): Uint8Array {
  const { kind, itemKeys } = model;
  const sections = {
    itemKeys,
    recommender: model.recommender.encode(),
    popularity: model.popularity.encode(),
  };
  const version = isAscending(itemKeys) ? ASCENDING : ANY_ORDER;
  return encodeFrame({ format: FORMAT, version, fields: { kind }, sections });
}

function isAscending(keys: Int32Array): boolean {
  return keys.every((key, index) => index === 0 || keys[index - 1]! < key);
}

/**
 * @param memory `shared` for a model that is lent to other threads; `bytes` should then be in shared memory,
 * or parts are copied there
 * @throws DomainError `model-corrupt`
 */
export function decodeServedModel(bytes: Uint8Array, memory: MemoryKind = 'own'): ServedModel {
  const content = decodeFrame(bytes, FORMAT, ASCENDING, ANY_ORDER);
  const kind = String(content.fields['kind']);
  return {
    kind,
    itemKeys: section(content, 'itemKeys', 'i32'),
    recommender: modelKind(kind).decode(section(content, 'recommender', 'u8'), memory),
    popularity: modelKind('popularity').decode(section(content, 'popularity', 'u8')),
  };
}

/** A served model on its way to the thread that is to answer by it. */
export interface TransferredServedModel extends Omit<ServedModel, 'recommender' | 'popularity'> {
  readonly recommender: SentModel;
  readonly popularity: SentModel;
}

/** @throws ShapeError when the model was not decoded into shared memory */
export function transferServedModel({
  recommender,
  popularity,
  ...rest
}: ServedModel): TransferredServedModel {
  return { ...rest, recommender: recommender.transfer(), popularity: popularity.transfer() };
}

/** Answers bit by bit what the model answered that was transferred; takes no time that grows with it. */
export function restoreServedModel({
  recommender,
  popularity,
  ...rest
}: TransferredServedModel): ServedModel {
  return { ...rest, recommender: restoreModel(recommender), popularity: restoreModel(popularity) };
}
