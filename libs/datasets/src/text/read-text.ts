import { sourceInvalid } from '../sources/source-invalid.js';
import type { Source } from '../sources/source.js';
import { strictDecoder, UndecodableError } from './decoder.js';
import type { Encoding } from './encoding.js';
import { findFaultyLine } from './faulty-line.js';
import { countLineEnds, endOfLastLine, endsWithin } from './line-ends.js';

/** A line that is longer is no line of a table; in characters. */
export const MAX_LINE_LENGTH = 1024 * 1024;

export interface TextPiece {
  readonly text: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/**
 * Text in pieces of about 64 KiB, each of whole lines. A line ends with \n, \r\n or a lone \r.
 *
 * @throws DomainError `import-source-invalid` on a line above `MAX_LINE_LENGTH`, or bytes that are no text in
 *   the encoding
 */
export async function* readText(source: Source, encoding: Encoding): AsyncGenerator<TextPiece> {
  let [rest, line] = ['', 1];
  for await (const text of decodeText(source, encoding)) {
    rest += text;
    if (!endsWithin(rest, MAX_LINE_LENGTH)) throw tooLong(source, line);
    const end = endOfLastLine(rest);
    if (end > 0) {
      const piece = rest.slice(0, end);
      yield { text: piece, line };
      line += countLineEnds(piece);
      rest = rest.slice(end);
    }
  }
  if (rest !== '') yield { text: rest, line };
}

/** Text in pieces that end anywhere, for what has no lines. The byte order mark is cut off. */
export async function* decodeText(source: Source, encoding: Encoding): AsyncGenerator<string> {
  const decoder = strictDecoder(encoding);
  let readBytes = 0;
  try {
    for await (const chunk of source.open()) {
      yield decoder.decode(chunk);
      readBytes += chunk.length;
    }
    yield decoder.end();
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    throw notInEncoding(source, encoding, await findFaultyLine(source, encoding, readBytes));
  }
}

function tooLong({ name }: Source, line: number): Error {
  return sourceInvalid(
    name,
    `line ${line} has more than ${MAX_LINE_LENGTH} characters; write one row a line`,
  );
}

function notInEncoding({ name }: Source, encoding: Encoding, line: number): Error {
  return sourceInvalid(
    name,
    `line ${line} is no text in ${encoding}; give the encoding of the file, or convert it to UTF-8`,
  );
}
