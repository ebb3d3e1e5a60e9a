import { randomUUID } from 'node:crypto';
import { open, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { sourceInvalid } from './source-invalid.js';
import { TemporaryBytes } from './stored-bytes.js';

/** Four gibibytes. */
export const DEFAULT_SPOOL_LIMIT_BYTES = 4 * 1024 ** 3;

export interface TemporaryFileOptions {
  /** For messages. */
  readonly name: string;
  readonly limitBytes: number;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Stores `chunks` in a file that has no name from its first byte on: the system frees it when it is closed,
 * and when the process ends in whatever way.
 */
export async function storeTemporarily(
  chunks: AsyncIterable<Uint8Array>,
  { name, limitBytes, onBytes }: TemporaryFileOptions,
): Promise<TemporaryBytes> {
  const handle = await openWithoutName(name);
  let sizeBytes = 0;
  const atMost = async function* (limit: number) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > limit) throw tooLarge(name, limit);
      onBytes?.(sizeBytes);
      yield chunk;
    }
  };
  try {
    await writeFile(handle, atMost(limitBytes));
    return new TemporaryBytes(handle, sizeBytes);
  } catch (error) {
    await handle.close();
    throw withoutRoom(name, error);
  }
}

async function openWithoutName(name: string): Promise<FileHandle> {
  const path = join(tmpdir(), `sparserec-${randomUUID()}`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  } catch (error) {
    throw withoutRoom(name, error);
  }
}

function tooLarge(name: string, limitBytes: number): Error {
  const limitMb = Math.floor(limitBytes / 1024 ** 2);
  return sourceInvalid(name, `it has more than SPOOL_LIMIT_MB (${limitMb}); raise it, or give a file`);
}

function withoutRoom(name: string, error: unknown): unknown {
  if (!isNativeError(error) || !('syscall' in error)) return error;
  return sourceInvalid(
    name,
    `it cannot be stored in a temporary file (${error.message}); set TMPDIR to a folder with room`,
    error,
  );
}
