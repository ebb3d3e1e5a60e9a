import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { UUID_BYTES, uuidBytes, uuidOf } from '../uuid.js';

/** Tells people and secret scanners what it is. */
const PREFIX = 'sparserec_';
const SECRET_BYTES = 32;
/** The id and the secret in base64url, without padding. */
const TOKEN = new RegExp(`^${PREFIX}[A-Za-z0-9_-]{${((UUID_BYTES + SECRET_BYTES) * 8) / 6}}$`);

/** In any text, also where more follows than a token has. */
const ANYWHERE = new RegExp(`(?<=${PREFIX})[A-Za-z0-9_-]{${((UUID_BYTES + SECRET_BYTES) * 8) / 6},}`, 'g');

/** The text without the keys that are in it, such as those that somebody took for an id. */
export function withoutKeys(text: string): string {
  return text.includes(PREFIX) ? text.replace(ANYWHERE, '…') : text;
}

/** What a caller sends: the id of its key, and the secret. */
export interface KeyToken {
  readonly id: string;
  /** SHA-256 of the secret, which is random: nobody can try all. */
  readonly hash: Buffer;
}

/** A new secret for the key `id`, as text that is shown once. */
export function makeToken(id: string): KeyToken & { readonly token: string } {
  const secret = randomBytes(SECRET_BYTES);
  const token = PREFIX + Buffer.concat([uuidBytes(id), secret]).toString('base64url');
  return { id, hash: hashOf(secret), token };
}

/** @returns null for what is no token */
export function readToken(token: string): KeyToken | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
  return { id: uuidOf(bytes.subarray(0, UUID_BYTES)), hash: hashOf(bytes.subarray(UUID_BYTES)) };
}

/** Takes as long wherever the first difference is. */
export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function hashOf(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}
