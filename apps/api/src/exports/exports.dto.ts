import { z } from 'zod';
import { EXPORT_FORMATS, EXPORTED_TABLES, type ExportFormat } from '#data';
import { unknownItems } from '#domain';
import { interactionTypeReply } from '../interaction-types/dto/interaction-types.dto.js';
import { scheduleReply } from '../schedules/dto/schedules.dto.js';

export const exportedTable = z.enum(EXPORTED_TABLES).meta({ example: 'items' });

export const exportQuery = z.strictObject({ format: z.enum(EXPORT_FORMATS).default('csv') });
export type ExportQuery = z.infer<typeof exportQuery>;

/** What `settingsDocument` reads. */
export const exportedSettings = z
  .object({
    unknownItems,
    undatedSince: z.string().nullable().describe('time from which undated rows of imports are dated'),
    interactionTypes: z.array(interactionTypeReply.omit({ etag: true })),
    schedules: z.array(
      scheduleReply.omit({
        ...{ nextRunAt: true, lastOutcome: true, lastTickAt: true, createdAt: true, updatedAt: true },
        etag: true,
      }),
    ),
  })
  .meta({ id: 'ExportedSettings' });

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

/** Bodies of an export, as Swagger shows them. */
export const DOCUMENTED_BODIES = {
  'text/csv': { schema: { type: 'string' as const } },
  'application/x-ndjson': { schema: { type: 'object' as const, description: 'each line: a row' } },
  'application/vnd.apache.parquet': { schema: { type: 'string' as const, format: 'binary' } },
};
