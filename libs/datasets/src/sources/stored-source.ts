import { basename } from 'node:path';
import { findPacking, HEAD_BYTES, refuseOtherKinds } from './packing.js';
import { explain } from './source-invalid.js';
import type { BytesAnywhere, Packing, Source, SourceOptions } from './source.js';
import type { StoredBytes, TemporaryBytes } from './stored-bytes.js';
import { DEFAULT_SPOOL_LIMIT_BYTES, storeTemporarily } from './temporary-file.js';
import { bounded, DEFAULT_UNPACKED_LIMIT_BYTES, unpackGzip, unpackMember } from './unpack.js';
import { findZipMember, type ZipMember } from './zip-member.js';

/** A source over stored bytes, which may be packed. */
export class StoredSource implements Source {
  readonly #bytes: StoredBytes;
  readonly #member: ZipMember | null;
  readonly #options: SourceOptions;
  #unpacked: Promise<TemporaryBytes> | null = null;

  private constructor(
    readonly name: string,
    readonly fileName: string,
    readonly packing: Packing | null,
    parts: {
      readonly bytes: StoredBytes;
      readonly member: ZipMember | null;
      readonly options: SourceOptions;
    },
  ) {
    this.#bytes = parts.bytes;
    this.#member = parts.member;
    this.#options = parts.options;
  }

  /** @throws DomainError `import-source-invalid` if it cannot be read or unpacked */
  static async open(
    name: string,
    path: string,
    bytes: StoredBytes,
    options: SourceOptions,
  ): Promise<StoredSource> {
    try {
      const head = await bytes.read(0, Math.min(HEAD_BYTES, bytes.sizeBytes));
      const packing = findPacking(head);
      refuseOtherKinds(name, head);
      const member = packing === 'zip' ? await findZipMember(name, bytes) : null;
      const fileName = basename(member?.fileName ?? path).replace(packing === 'gzip' ? /\.gz$/i : '', '');
      const fullName = member ? `${name} (${member.fileName})` : name;
      return new StoredSource(fullName, fileName, packing, { bytes, member, options });
    } catch (error) {
      throw explain(name, error);
    }
  }

  get storedBytes(): number {
    return this.#bytes.sizeBytes;
  }

  async *open(onRead?: (storedBytes: number) => void): AsyncGenerator<Buffer> {
    try {
      yield* this.#pieces(onRead);
    } catch (error) {
      throw explain(this.name, error);
    }
  }

  async openAnywhere(): Promise<BytesAnywhere> {
    const bytes = this.packing === null ? this.#bytes : await this.#unpack();
    return {
      byteLength: bytes.sizeBytes,
      slice: async (start, end = bytes.sizeBytes) => toArrayBuffer(await bytes.read(start, end)),
    };
  }

  async dispose(): Promise<void> {
    const unpacked = await this.#unpacked?.catch(() => null);
    await unpacked?.close();
  }

  #unpack(): Promise<TemporaryBytes> {
    const { spoolLimitBytes: limitBytes = DEFAULT_SPOOL_LIMIT_BYTES } = this.#options;
    return (this.#unpacked ??= storeTemporarily(this.open(), { name: this.name, limitBytes }));
  }

  #pieces(onRead?: (storedBytes: number) => void): AsyncIterable<Buffer> {
    const { start, end } = this.#member ?? { start: 0, end: this.storedBytes };
    const stored = counted(this.#bytes.chunks(start, end), onRead);
    if (this.packing === null) return stored;
    const pieces = this.#member ? unpackMember(this.name, stored, this.#member) : unpackGzip(stored);
    const { unpackedLimitBytes: limitBytes = DEFAULT_UNPACKED_LIMIT_BYTES } = this.#options;
    return bounded(pieces, { name: this.name, storedBytes: this.storedBytes, limitBytes });
  }
}

async function* counted(
  pieces: AsyncIterable<Buffer>,
  onRead?: (storedBytes: number) => void,
): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const piece of pieces) {
    yield piece;
    read += piece.length;
    onRead?.(read);
  }
}

function toArrayBuffer({ buffer, byteOffset, length }: Buffer): ArrayBuffer {
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + length);
}
