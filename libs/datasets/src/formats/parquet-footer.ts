import { sourceInvalid } from '../sources/source-invalid.js';
import type { BytesAnywhere, Source } from '../sources/source.js';
import { checkColumns, MAX_COLUMNS } from './table.js';

/** The length of the footer, and `PAR1`. */
const END_BYTES = 8;
const LENGTH_BYTES = 4;
const MOST_BYTES = 8 * 1024 ** 2;
/** Enough for the version and the number of elements of the schema, which it begins with. */
const START_BYTES = 16;
/** A column of lists takes three, and one of pairs five. */
const MOST_ELEMENTS = 5 * MAX_COLUMNS;

/**
 * Looks at how much the footer of a whole file says of columns and row groups before it is decoded, which
 * takes some thirty times its bytes.
 *
 * @throws DomainError `import-source-invalid`
 */
export async function checkFooter(source: Source, bytes: BytesAnywhere): Promise<void> {
  const { byteLength } = bytes;
  if (byteLength < END_BYTES) return;
  const end = Buffer.from(await bytes.slice(byteLength - END_BYTES));
  const length = end.readUInt32LE();
  const start = byteLength - END_BYTES - length;
  if (start < 0 || end.toString('latin1', LENGTH_BYTES) !== 'PAR1') return;
  if (length > MOST_BYTES)
    throw sourceInvalid(
      source.name,
      `its footer has ${length} bytes, and ${MOST_BYTES} are the most; write it again with fewer columns and larger row groups`,
    );
  const elements = countElements(
    Buffer.from(await bytes.slice(start, Math.min(start + START_BYTES, byteLength))),
  );
  if (elements > MOST_ELEMENTS) checkColumns(source, elements);
}

const LIST_BEHIND_VERSION = 0x19;
const LONG_LIST = 0xf;

/** Of the schema: in Thrift's compact protocol it follows on the version. */
function countElements(bytes: Buffer): number {
  const version = readVarint(bytes, 1);
  if (bytes[version.end] !== LIST_BEHIND_VERSION) return 0;
  const size = (bytes[version.end + 1] ?? 0) >> 4;
  return size < LONG_LIST ? size : readVarint(bytes, version.end + 2).value;
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let [value, at] = [0, from];
  for (let factor = 1; at < bytes.length; factor *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return { value, end: at };
}
