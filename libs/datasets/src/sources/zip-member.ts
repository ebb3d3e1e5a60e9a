import type { Readable } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry } from 'yauzl';
import { sourceInvalid } from './source-invalid.js';
import type { StoredBytes } from './stored-bytes.js';
import { streamOf } from './stream-of.js';

/** Where the only file of a zip is. */
export interface ZipMember {
  readonly fileName: string;
  readonly isDeflated: boolean;
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  readonly crc32: number;
}

const MAX_ENTRIES = 1_000;
const [STORED, DEFLATED] = [0, 8];

/** @throws DomainError `import-source-invalid` unless it is a zip with one file that can be read */
export async function findZipMember(name: string, bytes: StoredBytes): Promise<ZipMember> {
  try {
    return await findMember(name, bytes);
  } catch (error) {
    if (!isNativeError(error) || 'code' in error) throw error;
    throw sourceInvalid(name, `the zip cannot be read (${error.message}); pack it again`, error);
  }
}

async function findMember(name: string, bytes: StoredBytes): Promise<ZipMember> {
  const zip = await fromRandomAccessReaderPromise(new ZipBytes(bytes), bytes.sizeBytes, { autoClose: false });
  if (zip.entryCount > MAX_ENTRIES) throw severalMembers(name, zip.entryCount, []);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) if (isFile(entry)) entries.push(entry);
  refuseDocuments(name, entries);
  const [entry, another] = entries;
  if (!entry) throw sourceInvalid(name, 'the zip has no file in it; give another');
  if (another)
    throw severalMembers(
      name,
      entries.length,
      entries.map(({ fileName }) => fileName),
    );
  checkReadable(name, entry);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  return {
    fileName: entry.fileName,
    isDeflated: entry.compressionMethod === DEFLATED,
    start: fileDataStart,
    end: fileDataStart + entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    crc32: entry.crc32,
  };
}

/** Folders are entries too, and macOS adds files of its own. */
function isFile({ fileName }: Entry): boolean {
  return !fileName.endsWith('/') && !/(^__MACOSX\/|(^|\/)\.DS_Store$)/.test(fileName);
}

/** Documents of office programs are zips too. */
const DOCUMENTS: readonly (readonly [member: RegExp, reason: string])[] = [
  [/^xl\//, 'it is an Excel workbook; save its sheet as CSV, and give that'],
  [/^(word|ppt)\//, 'it is a document of Office and no table; save its table as CSV, and give that'],
  [/^content\.xml$/, 'it is a document of LibreOffice; save its sheet as CSV, and give that'],
];
const OF_DOCUMENTS: readonly string[] = ['[Content_Types].xml', 'mimetype'];

function refuseDocuments(name: string, entries: readonly Entry[]): void {
  if (!entries.some(({ fileName }) => OF_DOCUMENTS.includes(fileName))) return;
  const found = DOCUMENTS.find(([member]) => entries.some(({ fileName }) => member.test(fileName)));
  if (found) throw sourceInvalid(name, found[1]);
}

function checkReadable(name: string, entry: Entry): void {
  if (entry.isEncrypted())
    throw sourceInvalid(name, 'the zip is encrypted; unpack it and give what is in it');
  if (entry.compressionMethod !== DEFLATED && entry.compressionMethod !== STORED)
    throw sourceInvalid(
      name,
      `the zip uses compression method ${entry.compressionMethod}; unpack it and give what is in it`,
    );
}

function severalMembers(name: string, count: number, names: readonly string[]): Error {
  const list = names.slice(0, 5).join(', ') + (count > 5 ? ', …' : '');
  return sourceInvalid(
    name,
    `the zip has ${count} files (${list}) and may have one; unpack it and give the folder or one of the files`,
  );
}

class ZipBytes extends RandomAccessReader {
  readonly #bytes: StoredBytes;

  constructor(bytes: StoredBytes) {
    super();
    this.#bytes = bytes;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return streamOf(this.#bytes.chunks(start, end));
  }
}
