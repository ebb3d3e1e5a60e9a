import { decodeFrame, encodeFrame, section } from './artifact/frame.js';
import { decodeServedModel, type ServedModel } from './served-model.js';

const FORMAT = 'named-model';
const VERSION = 1;

/** A model in a file of its own, which knows its items by their ids. */
export interface NamedModel extends ServedModel {
  /** By `itemIndex`. */
  readonly itemIds: readonly string[];
}

/** @param artifact an encoded `ServedModel` */
export function encodeNamedModel(artifact: Uint8Array, itemIds: readonly string[]): Uint8Array {
  const names = new TextEncoder().encode(JSON.stringify(itemIds));
  return encodeFrame({
    format: FORMAT,
    version: VERSION,
    fields: {},
    sections: { itemIds: names, model: artifact },
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeNamedModel(bytes: Uint8Array): NamedModel {
  const content = decodeFrame(bytes, FORMAT, VERSION);
  const names = new TextDecoder().decode(section(content, 'itemIds', 'u8'));
  return {
    ...decodeServedModel(section(content, 'model', 'u8')),
    itemIds: JSON.parse(names) as readonly string[],
  };
}
