import { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { uuidBytes, uuidOf } from './uuid.js';

/** Time 6 bytes, model 16, number 4, CRC-32 of these 4: as base64url 40 characters. */
const SIZE = 30;
const MODEL_OFFSET = 6;
const NUMBER_OFFSET = 22;
const CHECKSUM_OFFSET = 26;
const TEXT = /^[A-Za-z0-9_-]{40}$/;

/** What an id says by itself; nothing is stored of an answer. */
export interface IssuedRecommendation {
  readonly issuedAt: Date;
  /** null: there was no model. */
  readonly modelId: string | null;
  /** Tells answers of one millisecond apart. */
  readonly number: number;
}

let next = randomInt(2 ** 32);

/** The last id that was issued: most are of the same model as the one before. */
const bytes = Buffer.alloc(SIZE);
const checked = bytes.subarray(0, CHECKSUM_OFFSET);
let modelInBytes: string | null = null;

/** Big-endian: ids sort by time as bytes. No two of one process are equal within 2³² answers. */
export function issueRecommendationId(modelId: string | null, now = Date.now()): string {
  if (modelId !== modelInBytes) {
    bytes.fill(0, MODEL_OFFSET, NUMBER_OFFSET);
    if (modelId !== null) uuidBytes(modelId).copy(bytes, MODEL_OFFSET);
    modelInBytes = modelId;
  }
  bytes.writeUIntBE(now, 0, MODEL_OFFSET);
  bytes.writeUInt32BE(next, NUMBER_OFFSET);
  bytes.writeUInt32BE(crc32(checked), CHECKSUM_OFFSET);
  next = (next + 1) % 2 ** 32;
  return bytes.toString('base64url');
}

/** @returns null for a text that no service has issued */
export function readRecommendationId(text: string): IssuedRecommendation | null {
  if (!TEXT.test(text)) return null;
  const read = Buffer.from(text, 'base64url');
  if (crc32(read.subarray(0, CHECKSUM_OFFSET)) !== read.readUInt32BE(CHECKSUM_OFFSET)) return null;
  const model = read.subarray(MODEL_OFFSET, NUMBER_OFFSET);
  return {
    issuedAt: new Date(read.readUIntBE(0, MODEL_OFFSET)),
    modelId: model.some((byte) => byte !== 0) ? uuidOf(model) : null,
    number: read.readUInt32BE(NUMBER_OFFSET),
  };
}
