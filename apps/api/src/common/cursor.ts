import { createHash } from 'node:crypto';
import { validationProblem } from './problem/validation-problem.js';

const VERSION = 1;
const CHECK_BYTES = 8;

/** A list that is read page by page: its name, and all that its address names beside it. */
export type ListName = readonly [list: string, ...owner: string[]];

/** Where a page of a list begins: version, position in the list, and a checksum over both and the list. */
export function encodeCursor(list: ListName, position: Buffer): string {
  const body = Buffer.concat([Buffer.of(VERSION), position]);
  return Buffer.concat([body, checksum(list, body)]).toString('base64url');
}

/** @returns the position. @throws DomainError `validation-failed` for what is no cursor of this list */
export function decodeCursor(list: ListName, cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(0, -CHECK_BYTES);
  const isOfList =
    bytes.toString('base64url') === cursor &&
    body[0] === VERSION &&
    checksum(list, body).equals(bytes.subarray(body.length));
  if (isOfList) return body.subarray(1);
  throw validationProblem([{ path: ['cursor'], message: 'is not a cursor of this list' }]);
}

/** Against mistakes: nobody sees more by a cursor of their own than by all pages. */
function checksum(list: ListName, body: Buffer): Buffer {
  const hash = createHash('sha256').update(JSON.stringify(list)).update(body);
  return hash.digest().subarray(0, CHECK_BYTES);
}
