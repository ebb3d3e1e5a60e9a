import { crc32 } from 'node:zlib';
import { DomainError } from '#domain';

const MAGIC = 0x43525053; // "SPRC"
const FRAME_VERSION = 1;
const HEADER_BYTES = 24;
const ALIGNMENT = 8;

type Numbers = Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array | Int8Array;
const TYPES = {
  f32: Float32Array,
  u32: Uint32Array,
  i32: Int32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  i8: Int8Array,
} as const;
type TypeName = keyof typeof TYPES;

interface SectionEntry {
  readonly name: string;
  readonly type: TypeName;
  readonly length: number;
}

/** What a frame carries: small fields as JSON and named typed arrays. */
export interface FrameContent {
  readonly format: string;
  readonly version: number;
  readonly fields: { readonly [name: string]: string | number };
  readonly sections: { readonly [name: string]: Numbers };
}

/**
 * Writes fields and typed arrays as one little-endian block: magic u32, frame version u32, CRC-32 of all that
 * follows the header u32, JSON length u32, payload length f64; JSON; arrays, each at a multiple of 8 bytes.
 */
export function encodeFrame(content: FrameContent): Uint8Array {
  const entries = Object.entries(content.sections).map(([name, array]) => ({
    name,
    type: typeName(array),
    length: array.length,
  }));
  const { format, version, fields } = content;
  const json = new TextEncoder().encode(JSON.stringify({ format, version, fields, sections: entries }));
  const start = align(HEADER_BYTES + json.length);
  const total = Object.values(content.sections).reduce((sum, array) => sum + align(array.byteLength), start);
  const bytes = new Uint8Array(total);
  bytes.set(json, HEADER_BYTES);
  let offset = start;
  for (const array of Object.values(content.sections)) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += align(array.byteLength);
  }
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint32(4, FRAME_VERSION, true);
  header.setUint32(12, json.length, true);
  header.setFloat64(16, total, true);
  header.setUint32(8, crc32(bytes.subarray(12)), true);
  return bytes;
}

/**
 * Reads what `encodeFrame` wrote.
 *
 * @param versions that can be read
 * @throws DomainError `model-corrupt` on any other bytes, format or version
 */
export function decodeFrame(bytes: Uint8Array, format: string, ...versions: readonly number[]): FrameContent {
  const own = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  const header = new DataView(own.buffer, own.byteOffset, own.byteLength);
  if (own.length < HEADER_BYTES || header.getUint32(0, true) !== MAGIC)
    throw corrupt('it does not start as a model does');
  if (header.getUint32(4, true) !== FRAME_VERSION)
    throw corrupt('it was written by another version of the service');
  if (header.getFloat64(16, true) !== own.length || header.getUint32(8, true) !== crc32(own.subarray(12))) {
    throw corrupt('its checksum is not right');
  }
  // A copy, since no decoder takes shared memory.
  const json = own.slice(HEADER_BYTES, HEADER_BYTES + header.getUint32(12, true));
  const head = JSON.parse(new TextDecoder().decode(json)) as Omit<FrameContent, 'sections'> & {
    sections: SectionEntry[];
  };
  if (head.format !== format || !versions.includes(head.version))
    throw corrupt(`it holds ${head.format} ${head.version}, not ${format} ${versions.join(' or ')}`);
  return { ...head, sections: readSections(own, align(HEADER_BYTES + json.length), head.sections) };
}

/** The named array of a frame. @throws DomainError `model-corrupt` when it is not there */
export function section<Type extends TypeName>(
  content: FrameContent,
  name: string,
  type: Type,
): InstanceType<(typeof TYPES)[Type]> {
  const array = content.sections[name];
  if (!(array instanceof TYPES[type])) throw corrupt(`it lacks ${name}`);
  return array as InstanceType<(typeof TYPES)[Type]>;
}

function readSections(
  bytes: Uint8Array,
  start: number,
  entries: readonly SectionEntry[],
): Record<string, Numbers> {
  const sections: Record<string, Numbers> = {};
  let offset = start;
  for (const { name, type, length } of entries) {
    const array: Numbers = new TYPES[type](bytes.buffer as ArrayBuffer, bytes.byteOffset + offset, length);
    sections[name] = array;
    offset += align(array.byteLength);
  }
  return sections;
}

function typeName(array: Numbers): TypeName {
  return (Object.keys(TYPES) as TypeName[]).find((name) => array instanceof TYPES[name])!;
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function corrupt(reason: string): DomainError {
  return new DomainError('model-corrupt', `The model cannot be read: ${reason}`);
}
