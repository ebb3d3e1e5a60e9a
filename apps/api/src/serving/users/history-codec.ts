import { crc32 } from 'node:zlib';
import { LIMITS, UUID_BYTES, uuidBytes, uuidOf, type ReturningItems, type UserTraits } from '#domain';
import { decodeHalves, encodeHalves } from '#models';
import type { UserEmbedding, CachedHistory } from '#ranking';
import { ByteReader, ByteWriter } from './byte-stream.js';

/** Entries of version 4 may be of a process that does not know what users refuse, nor what comes back. */
const FORMAT_VERSION = 5;
const CHECKSUM_OFFSET = 2;
const CHECKED_FROM = 6;
/** Bytes of a number of 64 bits. */
const FLOAT64_BYTES = 8;
/** Bytes of a varint of 53 bits, and of one of 31. */
const LARGEST_VARINT = 8;
const LARGEST_KEY_VARINT = 5;

/** How values are written; each is exact, so that a history from the cache is the one from Postgres. */
const ONES = 0;
const HALF_FLOATS = 1;
const FLOATS = 2;
/**
 * Added to the type of the values where items follow that may be answered again, where an embedding does,
 * where older items do, where the user has said no to personal lists, where traits follow, and where items do
 * that come back.
 */
const [HAS_REPEATABLE, HAS_EMBEDDING, HAS_ALSO_SEEN, IS_REFUSED] = [4, 8, 16, 32];
const [HAS_TRAITS, HAS_RETURNING] = [64, 128];
/** Characters of tags and metadata, and what JSON makes of one: a control character takes six bytes. */
const MOST_TRAIT_BYTES = 6 * LIMITS.tagsPerItem * (LIMITS.tagLength + 3) + LIMITS.metadataBytes * 2 + 8;

/**
 * version u8, flags u8, CRC-32 u32 of the flags and of all that follows; then revision and count as varints,
 * keys as varints of their differences, values (none when all are 1, f16 where that is exact, else f32), and
 * if flagged the places of items that may be answered again, as their count and differences, the keys of
 * older items that were seen, in the same way, the keys of items that come back, in the same way, with the
 * f64 time of each, the embedding: its model's id, its length as a varint, its f32 values, and the traits:
 * their length as a varint, and JSON of tags and of pairs of a name and a number. Numbers of fixed size are
 * little-endian.
 */
export function encodeHistory(history: CachedHistory): Buffer {
  const { revision, itemKeys, values, repeatable, alsoSeen, returning, embedding, traits } = history;
  const type = valueType(values);
  const flags = type + flagsOf(history);
  const writer = new ByteWriter(CHECKED_FROM);
  writer.varint(revision);
  writer.ascending(itemKeys);
  if (type === HALF_FLOATS) writer.bytes(encodeHalves(values).buffer);
  if (type === FLOATS) writer.bytes(values.slice().buffer);
  if (repeatable) writer.ascending(repeatable.map((key) => itemKeys.indexOf(key)));
  if (alsoSeen) writer.ascending(alsoSeen);
  if (returning) writeReturning(writer, returning);
  if (embedding) writeEmbedding(writer, embedding);
  if (traits) writeTraits(writer, traits);
  const bytes = writer.end();
  bytes[0] = FORMAT_VERSION;
  bytes[1] = flags;
  bytes.writeUInt32LE(checksum(bytes), CHECKSUM_OFFSET);
  return bytes;
}

/** @returns null for bytes that this version did not write */
export function decodeHistory(bytes: Buffer): CachedHistory | null {
  if (bytes.length < CHECKED_FROM || bytes[0] !== FORMAT_VERSION) return null;
  if (bytes.readUInt32LE(CHECKSUM_OFFSET) !== checksum(bytes)) return null;
  const flags = bytes[1]!;
  const reader = new ByteReader(bytes, CHECKED_FROM);
  const revision = reader.varint();
  const itemKeys = reader.ascending();
  const values = readValues(reader, flags % HAS_REPEATABLE, itemKeys.length);
  const repeatable = flags & HAS_REPEATABLE ? reader.ascending().map((place) => itemKeys[place]!) : undefined;
  const alsoSeen = flags & HAS_ALSO_SEEN ? reader.ascending() : undefined;
  const returning = flags & HAS_RETURNING ? readReturning(reader) : undefined;
  const embedding = flags & HAS_EMBEDDING ? readEmbedding(reader) : undefined;
  const traits = flags & HAS_TRAITS ? readTraits(reader) : undefined;
  return {
    revision,
    itemKeys,
    values,
    ...(repeatable && { repeatable }),
    ...(alsoSeen && { alsoSeen }),
    ...(returning && { returning }),
    ...(embedding && { embedding }),
    ...(flags & IS_REFUSED && { isRefused: true }),
    ...(traits && { traits }),
  };
}

function flagsOf(history: CachedHistory): number {
  const { repeatable, alsoSeen, returning, embedding, isRefused, traits } = history;
  const ofItems = (repeatable ? HAS_REPEATABLE : 0) + (alsoSeen ? HAS_ALSO_SEEN : 0);
  const ofUser = (isRefused ? IS_REFUSED : 0) + (traits ? HAS_TRAITS : 0);
  return ofItems + (returning ? HAS_RETURNING : 0) + (embedding ? HAS_EMBEDDING : 0) + ofUser;
}

function writeReturning(writer: ByteWriter, { itemKeys, at }: ReturningItems): void {
  writer.ascending(itemKeys);
  writer.bytes(at.slice().buffer);
}

function readReturning(reader: ByteReader): ReturningItems {
  const itemKeys = reader.ascending();
  return { itemKeys, at: new Float64Array(reader.bytes(FLOAT64_BYTES * itemKeys.length)) };
}

function writeEmbedding(writer: ByteWriter, { modelId, values }: UserEmbedding): void {
  writer.bytes(Uint8Array.from(uuidBytes(modelId)).buffer);
  writer.varint(values.length);
  writer.bytes(values.slice().buffer);
}

function readEmbedding(reader: ByteReader): UserEmbedding {
  const modelId = uuidOf(Buffer.from(reader.bytes(UUID_BYTES)));
  return { modelId, values: new Float32Array(reader.bytes(4 * reader.varint())) };
}

function writeTraits(writer: ByteWriter, { tags, numbers }: UserTraits): void {
  const bytes = Uint8Array.from(Buffer.from(JSON.stringify([[...tags], [...numbers]])));
  writer.varint(bytes.length);
  writer.bytes(bytes.buffer);
}

function readTraits(reader: ByteReader): UserTraits {
  const json = Buffer.from(reader.bytes(reader.varint())).toString();
  const [tags, numbers] = JSON.parse(json) as [string[], [string, number][]];
  return { tags: new Set(tags), numbers: new Map(numbers) };
}

function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(CHECKED_FROM), crc32(bytes.subarray(1, CHECKSUM_OFFSET)));
}

function valueType(values: Float32Array): number {
  if (values.every((value) => value === 1)) return ONES;
  const rounded = decodeHalves(encodeHalves(values));
  return values.every((value, place) => rounded[place] === value) ? HALF_FLOATS : FLOATS;
}

function readValues(reader: ByteReader, type: number, count: number): Float32Array {
  if (type === HALF_FLOATS) return decodeHalves(new Uint16Array(reader.bytes(2 * count)));
  if (type === FLOATS) return new Float32Array(reader.bytes(4 * count));
  return new Float32Array(count).fill(1);
}

/**
 * Bytes that no `users` histories take more than, with so many items in all and each with an
 * embedding of this length.
 */
export function largestHistoryBytes(most: {
  readonly users: number;
  readonly items: number;
  /** Older ones beside the items. */
  readonly alsoSeen: number;
  readonly embeddingLength: number;
  /** Those users who have traits. */
  readonly attributed: number;
}): number {
  const numbers = CHECKED_FROM + 6 * LARGEST_VARINT;
  const embedding = UUID_BYTES + 4 * most.embeddingLength;
  const returning = LARGEST_KEY_VARINT + FLOAT64_BYTES;
  const ofItem = 2 * LARGEST_KEY_VARINT + 4 + returning;
  const keys = most.items * ofItem + most.alsoSeen * (LARGEST_KEY_VARINT + returning);
  const traits = most.attributed * (LARGEST_VARINT + MOST_TRAIT_BYTES);
  return most.users * (numbers + embedding) + keys + traits;
}
