import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { extract, pack, type Entry } from 'tar-stream';
import { DomainError } from '#domain';

const PART_BYTES = 4 * 1024 * 1024;
const CHECKSUM = 'checksum.json';

/** A tar archive, whose last entry is the SHA-256 of the names and bytes of all others. */
export class ArchiveWriter {
  readonly #pack = pack();
  readonly #hash = createHash('sha256');

  /** To be read while entries are written. */
  get stream(): NodeJS.ReadableStream {
    return this.#pack;
  }

  async put(name: string, bytes: Buffer): Promise<void> {
    addTo(this.#hash, name, bytes);
    await this.#write(name, bytes);
  }

  /** As entries `name/1`, `name/2` and so on, since an entry begins with its size. */
  async putStream(name: string, chunks: AsyncIterable<Buffer>): Promise<void> {
    let [parts, waiting, length]: [number, Buffer[], number] = [0, [], 0];
    const flush = async () => {
      await this.put(`${name}/${++parts}`, Buffer.concat(waiting));
      [waiting, length] = [[], 0];
    };
    for await (const chunk of chunks) {
      waiting.push(chunk);
      length += chunk.length;
      if (length >= PART_BYTES) await flush();
    }
    if (length > 0) await flush();
  }

  /** @returns the checksum in hexadecimal digits */
  async end(): Promise<string> {
    const sha256 = this.#hash.digest('hex');
    await this.#write(CHECKSUM, Buffer.from(JSON.stringify({ sha256 })));
    this.#pack.finalize();
    return sha256;
  }

  /** Whoever reads hears of it. */
  breakOff(error: Error): void {
    this.#pack.destroy(error);
  }

  #write(name: string, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = this.#pack.entry({ name, size: bytes.length }, (error) =>
        error ? reject(error) : resolve(),
      );
      entry.end(bytes);
    });
  }
}

/** One entry; those of a stream have its name, and come one after another. */
export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Entries in their order. Those that were read must be undone when it throws.
 *
 * @throws DomainError `import-source-invalid` at the end, if bytes are not those that were written
 */
export async function* readArchive(input: Readable): AsyncGenerator<ArchiveEntry> {
  const hash = createHash('sha256');
  let stated: string | null = null;
  try {
    for await (const entry of entriesOf(input)) {
      const { name } = entry.header;
      const bytes = await readEntry(entry);
      if (name === CHECKSUM) stated = (JSON.parse(bytes.toString()) as { sha256: string }).sha256;
      else {
        addTo(hash, name, bytes);
        yield { name: name.replace(/\/\d+$/, ''), bytes };
      }
    }
  } catch (cause) {
    throw damaged(cause);
  }
  if (stated !== hash.digest('hex')) throw damaged();
}

function entriesOf(input: Readable): AsyncIterable<Entry> {
  const archive = extract();
  input.once('error', (error) => archive.destroy(error));
  input.pipe(archive);
  return archive;
}

async function readEntry(entry: Entry): Promise<Buffer> {
  const size = entry.header.size ?? 0;
  if (size > 2 * PART_BYTES) throw damaged();
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function addTo(hash: Hash, name: string, bytes: Buffer): void {
  hash.update(`${name}\0${bytes.length}\0`).update(bytes);
}

function damaged(cause?: unknown): DomainError {
  const detail = 'The backup is damaged or cut off; nothing of it was stored. Take another copy of it';
  return new DomainError('import-source-invalid', detail, { cause });
}
