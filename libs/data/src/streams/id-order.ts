import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { FixedRowReader } from './binary-copy.js';
import { GrowableArray } from './growable-array.js';
import type { KeySet } from './key-set.js';

/** Keys of users or items in the order of the bytes of their ids. */
export interface IdOrder {
  readonly keys: Int32Array;
  /** SHA-256 of the SHA-256 of each id, in this order. */
  readonly digest: Buffer;
}

const TABLES = { users: 'user_key', items: 'item_key' } as const;

const DIGEST_BYTES = 32;
/** Bytes of a row, and where its fields begin. */
const ROW = { bytes: 2 + 8 + 4 + DIGEST_BYTES, key: 6, digest: 14 } as const;

/**
 * Keys mean nothing outside of a database, and their order says who came first; ids do neither. They come as
 * checksums, of one length each.
 *
 * @param literal the catalog, quoted by the server
 * @param wanted keys of its interactions; others are left out
 */
export async function readIdOrder(
  client: PoolClient,
  table: keyof typeof TABLES,
  literal: string,
  wanted: KeySet,
): Promise<IdOrder> {
  const found = new GrowableArray(Int32Array);
  const hash = createHash('sha256');
  const reader = new FixedRowReader(ROW.bytes, (view, offset) => {
    const key = view.getInt32(offset + ROW.key);
    if (!wanted.has(key)) return;
    found.push(key);
    hash.update(new Uint8Array(view.buffer, view.byteOffset + offset + ROW.digest, DIGEST_BYTES));
  });
  const rows = `SELECT ${TABLES[table]}, sha256(convert_to(external_id, 'UTF8')) FROM ${table}
    WHERE catalog_id = ${literal} ORDER BY external_id COLLATE "C"`;
  const stream = client.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT binary)`));
  for await (const chunk of stream) reader.push(chunk as Buffer);
  reader.end();
  if (found.length !== wanted.size)
    throw new Error(`Interactions name ${wanted.size} ${table}, of which ${found.length} are there`);
  return { keys: found.view(), digest: hash.digest() };
}
