import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Environment } from '#config';
import { parseEncoding, spool, type Sources } from '#datasets';
import { DomainError } from '#domain';
import { readLimited } from '../common/read-limited.js';

const MEBIBYTE = 1024 * 1024;
/** What a body is called in messages. */
export const BODY = 'the body';

/** Types of bodies that are imported, whose content says what they are. */
export const IMPORT_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'text/plain',
  'application/x-ndjson',
  'application/jsonl',
  'application/json',
  'application/gzip',
  'application/zip',
  'application/vnd.apache.parquet',
  'application/octet-stream',
] as const;
export type ImportType = (typeof IMPORT_TYPES)[number];

const UNPACKED: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'x-gzip']);
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

type Limits = Pick<Environment, 'IMPORT_LIMIT_MB' | 'SPOOL_LIMIT_MB' | 'IMPORT_IDLE_SECONDS'>;

/**
 * Stores a body in a temporary file, so that it can be read more than once. A packed one is unpacked when it
 * is read, whatever its type says.
 *
 * @throws DomainError `body-too-large`; `request-timeout` when nothing comes for too long;
 * `unsupported-media-type` for an encoding that cannot be unpacked
 */
export async function spoolBody(request: FastifyRequest, limits: Limits): Promise<Sources> {
  const packing = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (!UNPACKED.has(packing))
    throw new DomainError('unsupported-media-type', `Content-Encoding may be gzip, and not ${packing}`);
  const { IMPORT_LIMIT_MB: limitMb, SPOOL_LIMIT_MB: spoolMb, IMPORT_IDLE_SECONDS: idleSeconds } = limits;
  return readLimited(request.body as Readable, limitMb, (body) =>
    spool(body, BODY, {
      spoolLimitBytes: spoolMb * MEBIBYTE,
      onSpooling: ({ waitingSeconds }) => {
        if (waitingSeconds >= idleSeconds) body.destroy(idleFor(idleSeconds));
      },
    }),
  );
}

function idleFor(seconds: number): DomainError {
  return new DomainError(
    'request-timeout',
    `Nothing of the body came for ${seconds} s (IMPORT_IDLE_SECONDS); nothing is stored`,
  );
}

/** @returns undefined where the content type names none. @throws DomainError `unsupported-media-type` */
export function charsetOf({ headers }: FastifyRequest): string | undefined {
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined) return undefined;
  try {
    parseEncoding(charset);
    return charset;
  } catch (cause) {
    throw new DomainError('unsupported-media-type', `There is no charset "${charset.slice(0, 40)}"`, {
      cause,
    });
  }
}
