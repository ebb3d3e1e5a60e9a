import { z } from 'zod';
import type { AuditEntry } from '#domain';
import { pageOf } from '../../common/page-reply.js';

export const auditEntryReply = z
  .object({
    id: z.string(),
    at: z.string(),
    keyId: z.string().nullable().describe('null where no key was needed'),
    keyName: z.string().nullable(),
    method: z.string(),
    route: z.string().describe('such as `/v1/catalogs/:catalog/schedules/:name`'),
    address: z
      .string()
      .describe(
        'as it was sent; of a command that changes keys in the database: the command, and the id of the key',
      ),
    status: z.number().int().nullable().describe('of the answer; null where there is none'),
  })
  .meta({ id: 'AuditEntry' });
export const auditPage = pageOf('AuditEntry', auditEntryReply);

export function toAuditEntryReply({ at, ...entry }: AuditEntry): z.infer<typeof auditEntryReply> {
  return { ...entry, at: at.toISOString() };
}
