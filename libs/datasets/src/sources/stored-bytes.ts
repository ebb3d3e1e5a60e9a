import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { sourceInvalid } from './source-invalid.js';

const CHUNK_BYTES = 64 * 1024;

/** Bytes on a disk as they are stored, packed or not. */
export interface StoredBytes {
  readonly sizeBytes: number;
  /** Pieces from `start` up to and without `end`, each valid until the next one is asked for. */
  chunks(start: number, end: number): AsyncGenerator<Buffer>;
  read(start: number, end: number): Promise<Buffer>;
}

/** A file that must stay as it was when it was first opened. */
export class FileBytes implements StoredBytes {
  readonly #path: string;
  readonly #first: BigIntStats;

  private constructor(path: string, first: BigIntStats) {
    this.#path = path;
    this.#first = first;
  }

  static async open(path: string): Promise<FileBytes> {
    return withFile(path, async (handle) => new FileBytes(path, await handle.stat({ bigint: true })));
  }

  get sizeBytes(): number {
    return Number(this.#first.size);
  }

  async *chunks(start: number, end: number): AsyncGenerator<Buffer> {
    const handle = await open(this.#path);
    try {
      await this.#checkUnchanged(handle);
      yield* readChunks(handle, start, end);
      await this.#checkUnchanged(handle);
    } finally {
      await handle.close();
    }
  }

  read(start: number, end: number): Promise<Buffer> {
    return withFile(this.#path, async (handle) => {
      await this.#checkUnchanged(handle);
      return readRange(handle, start, end);
    });
  }

  async #checkUnchanged(handle: FileHandle): Promise<void> {
    const now = await handle.stat({ bigint: true });
    const isSame = (['dev', 'ino', 'size', 'mtimeNs'] as const).every(
      (field) => now[field] === this.#first[field],
    );
    if (!isSame)
      throw sourceInvalid(this.#path, 'the file has changed while it was read; read it when it is finished');
  }
}

/** A file without a name, which the system removes when it is closed or its process ends. */
export class TemporaryBytes implements StoredBytes {
  readonly #handle: FileHandle;

  constructor(
    handle: FileHandle,
    readonly sizeBytes: number,
  ) {
    this.#handle = handle;
  }

  chunks(start: number, end: number): AsyncGenerator<Buffer> {
    return readChunks(this.#handle, start, end);
  }

  read(start: number, end: number): Promise<Buffer> {
    return readRange(this.#handle, start, end);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function withFile<Result>(
  path: string,
  work: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** All in one buffer: else the collector decides how many of them a pass over a large file holds at once. */
async function* readChunks(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(CHUNK_BYTES, end - start)));
  for (let at = start; at < end; at += CHUNK_BYTES)
    yield await fill(buffer.subarray(0, end - at), handle, at);
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  return fill(Buffer.allocUnsafeSlow(Math.max(0, end - start)), handle, start);
}

/** `buffer` with the bytes from `start` on; shorter only where the file is. */
async function fill(buffer: Buffer, handle: FileHandle, start: number): Promise<Buffer> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, start + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
