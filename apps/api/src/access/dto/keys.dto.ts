import { z } from 'zod';
import type { MadeApiKey } from '#data';
import { KEY_OVERLAP_SECONDS, LIMITS, SCOPES, type ApiKey } from '#domain';
import { pageOf } from '../../common/page-reply.js';
import { name, text } from '../../common/schemas.js';

const MAX_CATALOGS = 100;

const keyName = text(LIMITS.keyNameLength, 1).describe('what it is for; two keys may have one name');
const scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .describe('what it may do; `admin` may do everything');

export const newKey = z
  .strictObject({
    name: keyName,
    scopes,
    catalogs: z
      .array(name)
      .min(1)
      .max(MAX_CATALOGS)
      .optional()
      .describe('the catalogs that it is for; absent: all, and what belongs to none'),
    expiresAt: z.iso
      .datetime({ offset: true })
      .refine((text) => new Date(text) > new Date(), { message: 'must be in the future' })
      .optional()
      .describe('absent: never'),
  })
  .meta({ id: 'NewKey', example: { name: 'shop front end', scopes: ['read'], catalogs: ['default'] } });
export type NewKeyBody = z.infer<typeof newKey>;

export const rotation = z
  .strictObject({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(KEY_OVERLAP_SECONDS.max)
      .default(KEY_OVERLAP_SECONDS.default)
      .describe('how long the old key goes on to be valid'),
  })
  .optional()
  .meta({ id: 'Rotation', example: { overlapSeconds: KEY_OVERLAP_SECONDS.default } });
export type RotationBody = z.infer<typeof rotation>;

const keyFields = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  catalogs: z.array(z.string()).nullable().describe('null: all'),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable().describe('to the minute'),
  revokedAt: z.string().nullable(),
};
export const keyReply = z.object(keyFields).meta({ id: 'Key' });
export const madeKeyReply = z
  .object({ ...keyFields, token: z.string().describe('shown once; what `Authorization: Bearer` takes') })
  .meta({ id: 'MadeKey' });
export const keyPage = pageOf('Key', keyReply);

export function toKeyReply({
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
  ...key
}: ApiKey): z.infer<typeof keyReply> {
  return {
    ...{ ...key, scopes: [...key.scopes], catalogs: key.catalogs && [...key.catalogs] },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

export function toMadeKeyReply({ key, token }: MadeApiKey): z.infer<typeof madeKeyReply> {
  return { ...toKeyReply(key), token };
}
