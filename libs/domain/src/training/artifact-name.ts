import { createHash } from 'node:crypto';

/** By which bytes are stored and found: their SHA-256. Equal bytes have one name, whoever makes them. */
export function artifactName(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
