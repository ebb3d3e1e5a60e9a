import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** No JSON has these characters, so COPY quotes nothing. */
export const AS_IT_IS = `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`;

/**
 * Writes what a COPY statement answers, in constant memory, and leaves `output` open. When `output` is
 * closed, reading ends, and the connection with it.
 *
 * @param encode makes other bytes of the rows
 */
export async function copyOut(
  client: PoolClient,
  statement: string,
  output: Writable,
  encode: (rows: Readable) => AsyncIterable<Uint8Array> = (rows) => rows,
): Promise<void> {
  const rows = client.query(copyTo(statement));
  // Told to the pipeline, and once more when that has ended with the connection.
  rows.on('error', () => undefined);
  // The server would send all that is left before it answers anything else.
  const giveUp = () => {
    if (!rows.readableEnded) void client.end().catch(() => undefined);
  };
  output.once('close', giveUp);
  try {
    if (output.destroyed) throw new Error('The output was closed before anything was written');
    const encoded = encode(rows);
    await pipeline(encoded === rows ? rows : Readable.from(encoded), output, { end: false });
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    output.off('close', giveUp);
  }
}
