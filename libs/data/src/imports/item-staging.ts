import type { PoolClient } from 'pg';
import { LIMITS, type ImportedItem } from '#domain';
import { ITEM_TABLES } from '../sql/bulk.sql.js';
import type { BinaryCopyWriter } from '../streams/binary-copy.js';
import { copyRows } from '../streams/copy-in.js';
import { createStagingTables } from '../streams/staging-tables.js';

const FIND_CHUNK =
  'SELECT details FROM staged_item_details WHERE position >= $1 AND position < $2 ORDER BY position';

/** What is left of a deleted item. */
const NOTHING_KNOWN = { title: null, tags: [], metadata: {} };

/** Copies items into a staging table, as JSON. @returns how many */
export async function stageItems(
  client: PoolClient,
  chunks: AsyncIterable<readonly ImportedItem[]>,
): Promise<number> {
  await createStagingTables(client, ITEM_TABLES);
  let position = 0;
  for await (const items of chunks)
    await copyRows(client, 'staged_item_details', items, (writer, item) =>
      appendItem(writer, position++, item),
    );
  return position;
}

function appendItem(writer: BinaryCopyWriter, position: number, item: ImportedItem): void {
  const isDeleted = item.deletedAt !== undefined;
  writer.startRow(4);
  writer.int32(position);
  writer.text(item.itemId);
  writer.text(JSON.stringify(isDeleted ? { ...item, ...NOTHING_KNOWN } : item));
  writer.boolean(isDeleted);
}

/** JSON of an item, in which times are texts. */
type StagedItem = Omit<ImportedItem, 'createdAt' | 'deletedAt'> & {
  readonly createdAt?: string;
  readonly deletedAt?: string;
};

function readItem(json: string): ImportedItem {
  const { createdAt, deletedAt, ...item } = JSON.parse(json) as StagedItem;
  return { ...item, createdAt: toDate(createdAt), deletedAt: toDate(deletedAt) };
}

function toDate(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

/** Staged items, as many at a time as one request has. */
export async function* readStagedItems(client: PoolClient, count: number): AsyncGenerator<ImportedItem[]> {
  for (let position = 0; position < count; position += LIMITS.itemsPerRequest) {
    const { rows } = await client.query<{ details: string }>(FIND_CHUNK, [
      position,
      position + LIMITS.itemsPerRequest,
    ]);
    yield rows.map(({ details }) => readItem(details));
  }
}
