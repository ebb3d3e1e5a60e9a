import { createHash } from 'node:crypto';
import { parse, stringify } from 'uuid';
import type { ListAddress } from '../serving/users/kept-lists.js';

const ID_BYTES = 16;
const OFFSET_BYTES = 2;
const CHECK_BYTES = 8;
const LENGTH = ID_BYTES + OFFSET_BYTES + CHECK_BYTES;

/** Where a page begins: id of the list, place in it, and a checksum over both, the catalog and the user. */
export function encodeCursor(address: ListAddress, offset: number): string {
  const body = Buffer.alloc(ID_BYTES + OFFSET_BYTES);
  body.set(parse(address.listId));
  body.writeUInt16BE(offset, ID_BYTES);
  return Buffer.concat([body, checksum(address, body)]).toString('base64url');
}

/** @returns null for what is not a cursor of this user's lists */
export function decodeCursor(
  owner: Omit<ListAddress, 'listId'>,
  cursor: string,
): { readonly listId: string; readonly offset: number } | null {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== LENGTH || bytes.toString('base64url') !== cursor) return null;
  const body = bytes.subarray(0, ID_BYTES + OFFSET_BYTES);
  if (!checksum(owner, body).equals(bytes.subarray(body.length))) return null;
  return { listId: stringify(body.subarray(0, ID_BYTES)), offset: body.readUInt16BE(ID_BYTES) };
}

/** Against mistakes: a list's id cannot be guessed, and who has it may see the whole list anyway. */
function checksum({ catalogId, userId }: Omit<ListAddress, 'listId'>, body: Buffer): Buffer {
  const hash = createHash('sha256')
    .update(JSON.stringify([catalogId, userId]))
    .update(body);
  return hash.digest().subarray(0, CHECK_BYTES);
}
