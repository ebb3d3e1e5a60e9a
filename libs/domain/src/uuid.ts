import { Buffer } from 'node:buffer';

export const UUID_BYTES = 16;
const DASHES = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** The 16 bytes of a UUID in its usual form. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

export function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(DASHES, '$1-$2-$3-$4-$5');
}
