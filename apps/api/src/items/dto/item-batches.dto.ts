import { z } from 'zod';
import type { CorrectedRow, DeletedItem, PatchedItem } from '#data';
import { aheadOfClock, etagOfItem, LIMITS, type OnInvalid } from '#domain';
import { reasonOf, validationProblem, type Issue } from '../../common/problem/validation-problem.js';
import { externalId, text } from '../../common/schemas.js';
import { itemPatch, toPatch } from './items.dto.js';

const MAX_IF_MATCH = 256;

const ifMatch = text(MAX_IF_MATCH)
  .optional()
  .describe('`etag` of the state that the item must still have, as the header `If-Match`');
const patchedRow = z.strictObject({ itemId: externalId, ifMatch, ...itemPatch.shape });
const deletedRow = z.strictObject({ itemId: externalId, ifMatch });

/** Documented as what it has to be, and checked row by row, since a bad row need not refuse the others. */
const batchOf = (row: z.ZodType) =>
  z.strictObject({
    items: z
      .array(z.unknown().meta(z.toJSONSchema(row, { target: 'openapi-3.0', io: 'input' })))
      .min(1)
      .max(LIMITS.itemsPerRequest),
  });

export const patchItemsRequest = batchOf(patchedRow).meta({
  id: 'PatchItems',
  example: {
    items: [
      { itemId: 'swagger-item', available: false },
      { itemId: 'item-1', tags: ['drama'] },
    ],
  },
});
export const deleteItemsRequest = batchOf(deletedRow).meta({
  id: 'DeleteItems',
  example: { items: [{ itemId: 'swagger-item-2' }] },
});
export type ItemBatchRequest = z.infer<typeof deleteItemsRequest>;

const results = <Result extends string>(names: readonly [Result, ...Result[]]) =>
  z
    .array(
      z.object({
        itemId: z.string().optional().describe('absent where the row has none that can be one'),
        result: z.enum([...names, 'refused']),
        etag: z.string().optional().describe('of the item as it is now'),
        reason: z.string().optional().describe('of a row that is refused'),
      }),
    )
    .describe('one for each row, in their order');

export const patchItemsReply = z
  .object({
    patched: z.number().int(),
    unchanged: z.number().int().describe('rows whose item was like this before'),
    refused: z.number().int(),
    results: results(['patched', 'unchanged']),
  })
  .meta({ id: 'PatchItemsReply' });
export type PatchItemsReply = z.infer<typeof patchItemsReply>;

export const deleteItemsReply = z
  .object({
    deleted: z.number().int(),
    refused: z.number().int(),
    results: results(['deleted']),
  })
  .meta({ id: 'DeleteItemsReply' });
export type DeleteItemsReply = z.infer<typeof deleteItemsReply>;

/** A row as it was read, or why it is refused. */
type ReadRow<Row> = Row | { readonly itemId?: string; readonly refused: string };

/** @throws DomainError `validation-failed` naming what is invalid in each row, unless these are skipped */
function readRows<Row>(
  rows: readonly unknown[],
  read: (row: unknown) => Row | readonly Issue[],
  onInvalid: OnInvalid,
): ReadRow<Row>[] {
  const all = rows.map((fields) => ({ fields, row: read(fields) }));
  const issues = all.flatMap(({ row }, place) =>
    isIssues(row) ? row.map((issue) => ({ ...issue, path: ['items', place, ...(issue.path ?? [])] })) : [],
  );
  if (issues.length > 0 && onInvalid === 'refuse') throw validationProblem(issues);
  return all.map(({ fields, row }) => {
    if (!isIssues(row)) return row;
    const { data } = z.object({ itemId: externalId }).safeParse(fields);
    return { ...data, refused: reasonOf(row) };
  });
}

function isIssues(row: unknown): row is readonly Issue[] {
  return Array.isArray(row);
}

export interface ReadOptions {
  readonly onInvalid: OnInvalid;
  readonly clockToleranceSeconds: number;
}

export function readPatches(rows: readonly unknown[], options: ReadOptions): ReadRow<PatchedItem>[] {
  const read = (fields: unknown): PatchedItem | readonly Issue[] => {
    const { data, error } = patchedRow.safeParse(fields);
    if (error) return error.issues;
    const { itemId, ifMatch: match, ...rest } = data;
    const patch = toPatch(rest);
    const message = patch.createdAt && aheadOfClock(patch.createdAt, options.clockToleranceSeconds);
    return message ? [{ path: ['createdAt'], message }] : { itemId, ifMatch: match, patch };
  };
  return readRows(rows, read, options.onInvalid);
}

export function readDeletions(rows: readonly unknown[], { onInvalid }: ReadOptions): ReadRow<DeletedItem>[] {
  const read = (fields: unknown): DeletedItem | readonly Issue[] => {
    const { data, error } = deletedRow.safeParse(fields);
    return error ? error.issues : data;
  };
  return readRows(rows, read, onInvalid);
}

export function isGood<Row extends object>(row: ReadRow<Row>): row is Row {
  return !('refused' in row);
}

type Result = PatchItemsReply['results'][number] | DeleteItemsReply['results'][number];

/** @param corrected what became of the good ones, in their order */
function toResults(
  rows: readonly ReadRow<{ readonly itemId: string }>[],
  corrected: readonly CorrectedRow[],
): Result[] {
  let next = 0;
  return rows.map((row): Result => {
    const { itemId } = row;
    if (!isGood(row))
      return { ...(itemId !== undefined && { itemId }), result: 'refused', reason: row.refused };
    const done = corrected[next++]!;
    if (done.result === 'refused') return { itemId: row.itemId, result: 'refused', reason: done.reason };
    const etag = 'item' in done ? { etag: etagOfItem(done.item) } : {};
    return { itemId: row.itemId, result: done.result, ...etag };
  });
}

const countOf = (results: readonly Result[], name: Result['result']) =>
  results.filter(({ result }) => result === name).length;

export function toPatchItemsReply(...rows: Parameters<typeof toResults>): PatchItemsReply {
  const all = toResults(...rows) as PatchItemsReply['results'];
  const [patched, unchanged] = [countOf(all, 'patched'), countOf(all, 'unchanged')];
  return { patched, unchanged, refused: countOf(all, 'refused'), results: all };
}

export function toDeleteItemsReply(...rows: Parameters<typeof toResults>): DeleteItemsReply {
  const all = toResults(...rows) as DeleteItemsReply['results'];
  return { deleted: countOf(all, 'deleted'), refused: countOf(all, 'refused'), results: all };
}
