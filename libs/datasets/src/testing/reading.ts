import { Readable } from 'node:stream';
import type { DomainError } from '#domain';
import type { Source } from '../sources/source.js';
import { readText, type TextPiece } from '../text/read-text.js';

/** All bytes of a source. */
export async function readAll(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** All pieces of a text. */
export async function readPieces(source: Source, encoding: string): Promise<TextPiece[]> {
  const pieces: TextPiece[] = [];
  for await (const piece of readText(source, encoding)) pieces.push(piece);
  return pieces;
}

/** Code and words of the refusal that `work` ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason as DomainError,
  );
  if (error === null) throw new Error('nothing was refused');
  if (error.name !== 'DomainError') throw error;
  return `${error.code} ${error.message}`;
}

/** A source of the given chunks. */
export function bytesSource(...chunks: readonly Buffer[]): Source {
  return {
    name: 'test',
    fileName: 'test',
    packing: null,
    storedBytes: Buffer.concat(chunks).length,
    open: () => Readable.from(chunks),
    openAnywhere: () => Promise.reject(new Error('not used')),
  };
}
