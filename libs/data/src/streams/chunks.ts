import { crc32 } from 'node:zlib';
import { DomainError, type Model } from '#domain';

/** Bytes of one stored piece of an artifact or of a checkpoint; the last one may have fewer. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** The chunks that bytes are stored in; nothing is none. */
export function* chunksOf(bytes: Uint8Array) {
  for (let position = 0; position * CHUNK_BYTES < bytes.length; position++)
    yield { position, bytes: bytes.slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES) };
}

/**
 * Reads an artifact chunk by chunk. The checksum is taken of each by itself, since that of all of them would
 * take an event loop too long.
 *
 * @param read null, or nothing, where there is no such chunk
 * @param keep told of each chunk, which fits into the artifact at `offset`, before it is known whether all
 * of them are right
 * @returns whether the chunks are the bytes that were written
 */
export async function readChunks(
  { artifactBytes, artifactChecksum }: Pick<Model, 'artifactBytes' | 'artifactChecksum'>,
  read: (position: number) => Promise<Uint8Array | null>,
  keep?: (chunk: Uint8Array, offset: number) => void,
): Promise<boolean> {
  let [checksum, offset] = [0, 0];
  for (let position = 0; offset < artifactBytes; position++) {
    const chunk = await read(position);
    if (!chunk || chunk.length === 0 || chunk.length > artifactBytes - offset) return false;
    keep?.(chunk, offset);
    checksum = crc32(chunk, checksum);
    offset += chunk.length;
  }
  return checksum === artifactChecksum;
}

export function artifactCorrupt(modelId: string): DomainError {
  return new DomainError(
    'model-corrupt',
    `The stored bytes of model ${modelId} are not what was written; train it again`,
  );
}
