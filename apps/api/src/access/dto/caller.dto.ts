import { z } from 'zod';
import { SCOPES, type ApiKey } from '#domain';

export const callerReply = z
  .object({
    keysNeeded: z.boolean().describe('whether calls need a key'),
    name: z.string().nullable().describe('of the key; null where none is needed'),
    scopes: z.array(z.enum(SCOPES)).describe('what the caller may do; `admin` may do everything'),
    catalogs: z.array(z.string()).nullable().describe('that the caller may reach; null: all'),
    expiresAt: z.string().nullable().describe('when the key ends; null: never'),
  })
  .meta({
    id: 'Caller',
    example: {
      keysNeeded: true,
      name: 'shop back end',
      scopes: ['read', 'people'],
      catalogs: null,
      expiresAt: null,
    },
  });

/** @param key null where the call has none, and needs none */
export function toCallerReply(key: ApiKey | null, keysNeeded: boolean): z.infer<typeof callerReply> {
  if (!key || !keysNeeded)
    return { keysNeeded, name: null, scopes: ['admin'], catalogs: null, expiresAt: null };
  const { name, scopes, catalogs, expiresAt } = key;
  return {
    ...{ keysNeeded, name, scopes: [...scopes], catalogs: catalogs && [...catalogs] },
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
