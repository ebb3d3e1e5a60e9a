import { z } from 'zod';
import { isOrigin } from '#config';
import type { MadeApiKey } from '#data';
import { KEY_OVERLAP_SECONDS, LIMITS, MAX_CALLS_PER_SECOND, SCOPES, type ApiKey } from '#domain';
import { pageOf } from '../../common/page-reply.js';
import { name, text } from '../../common/schemas.js';

const MAX_CATALOGS = 100;
const MAX_ORIGINS = 100;

const keyName = text(LIMITS.keyNameLength, 1).describe('what it is for; two keys may have one name');
const scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .describe('what it may do; `admin` may do everything');

const origin = z
  .string()
  .max(300)
  .refine(isOrigin, { message: 'must be an origin such as https://shop.example, without a path' });

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
    origins: z
      .array(origin)
      .min(1)
      .max(MAX_ORIGINS)
      .optional()
      .meta({
        description:
          'origins of the pages that it is shipped in, where anybody can read it: it then makes a few calls of the scope `read`, from these pages only; absent: it is kept secret',
        example: ['https://shop.example'],
      }),
    callsPerSecond: z
      .number()
      .int()
      .min(1)
      .max(MAX_CALLS_PER_SECOND)
      .optional()
      .describe(
        'that it may make, or with `origins` that each visitor of the pages may make, by address; absent: KEY_CALLS_PER_SECOND, or 50 for each visitor',
      ),
    expiresAt: z.iso
      .datetime({ offset: true })
      .refine((text) => new Date(text) > new Date(), { message: 'must be in the future' })
      .optional()
      .describe('absent: never'),
  })
  .refine(({ scopes, origins }) => !origins || String(scopes) === 'read', {
    path: ['scopes'],
    message: 'must be ["read"] for pages',
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
  origins: z
    .array(z.string())
    .nullable()
    .describe('of the pages that it is shipped in; null: it is kept secret'),
  callsPerSecond: z
    .number()
    .int()
    .nullable()
    .describe('that it may make, or each visitor of its pages; null: as the service is set'),
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
    origins: key.origins && [...key.origins],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

export function toMadeKeyReply({ key, token }: MadeApiKey): z.infer<typeof madeKeyReply> {
  return { ...toKeyReply(key), token };
}
