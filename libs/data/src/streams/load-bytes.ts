import { to as copyTo } from 'pg-copy-streams';
import type { Database } from '../connection/database.js';
import { readFirstField } from './binary-copy.js';

/**
 * The one field that a query selects, by binary COPY: Prisma takes an event loop some 20 ms or more to decode
 * a chunk. COPY has no parameters, so callers check what they write into the query.
 */
export async function loadBytes(database: Database, select: string): Promise<Uint8Array | null> {
  return database.sqlTransaction(async (client) => {
    const pieces: Buffer[] = [];
    for await (const piece of client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`)))
      pieces.push(piece as Buffer);
    return readFirstField(Buffer.concat(pieces));
  }, 'READ ONLY');
}
