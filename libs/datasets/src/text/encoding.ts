import { DomainError } from '#domain';
import type { Source } from '../sources/source.js';
import { Utf8Pieces } from './utf8-pieces.js';

/** A name of the WHATWG Encoding Standard, or `latin1` for windows-1252 without the bytes 0x80 to 0x9f. */
export type Encoding = string;

const BYTE_ORDER_MARKS: readonly (readonly [encoding: Encoding, mark: string])[] = [
  ['utf-8', '\xef\xbb\xbf'],
  ['utf-16le', '\xff\xfe'],
  ['utf-16be', '\xfe\xff'],
];
const LONGEST_MARK = 3;

/**
 * The encoding of a WHATWG label, such as `utf8`, `latin1` or `shift_jis`.
 *
 * @throws DomainError `validation-failed` on a label of none
 */
export function parseEncoding(label: string): Encoding {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    const detail = `"${label.slice(0, 40)}" is no encoding; write for example utf-8, utf-16le or windows-1252`;
    throw new DomainError('validation-failed', detail, { cause: error });
  }
}

/**
 * The same, but `latin1` of its labels, which the standard takes for windows-1252: whoever says Latin-1 is
 * to find it again.
 *
 * @throws DomainError `validation-failed` on a label of none
 */
export function namedEncoding(label: string): Encoding {
  const encoding = parseEncoding(label);
  return encoding === 'windows-1252' && !label.includes('1252') ? 'latin1' : encoding;
}

/** By content: a byte order mark, else strict UTF-8 over the whole source, else Latin-1. */
export async function findEncoding(source: Source): Promise<Encoding> {
  const marked = await encodingOfMark(source);
  if (marked !== undefined) return marked;
  if (await isUtf8Text(source)) return 'utf-8';
  return (await hasWindowsCharacters(source)) ? 'windows-1252' : 'latin1';
}

async function encodingOfMark(source: Source): Promise<Encoding | undefined> {
  let head = '';
  for await (const chunk of source.open()) {
    head += chunk.toString('latin1', 0, LONGEST_MARK);
    if (head.length >= LONGEST_MARK) break;
  }
  return BYTE_ORDER_MARKS.find(([, mark]) => head.startsWith(mark))?.[0];
}

async function isUtf8Text(source: Source): Promise<boolean> {
  const pieces = new Utf8Pieces();
  for await (const chunk of source.open()) if (pieces.next(chunk) === null) return false;
  return pieces.isComplete;
}

async function hasWindowsCharacters(source: Source): Promise<boolean> {
  for await (const chunk of source.open()) if (/[\x80-\x9f]/.test(chunk.toString('latin1'))) return true;
  return false;
}
