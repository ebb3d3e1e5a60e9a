import type { PoolClient } from 'pg';
import { LIMITS, type ItemDetails } from '#domain';
import type { BinaryCopyWriter } from '../streams/binary-copy.js';
import { CopyIn } from '../streams/copy-in.js';

const CREATE_STAGING =
  'CREATE TEMP TABLE IF NOT EXISTS staged_items (position int NOT NULL, details text NOT NULL) ON COMMIT DELETE ROWS';
const FIND_CHUNK =
  'SELECT details FROM staged_items WHERE position >= $1 AND position < $2 ORDER BY position';

/** Copies items into a staging table, as JSON. @returns how many */
export async function stageItems(
  client: PoolClient,
  chunks: AsyncIterable<readonly ItemDetails[]>,
): Promise<number> {
  await client.query(CREATE_STAGING);
  const copy = new CopyIn(client, 'staged_items');
  let position = 0;
  await copy.run(async () => {
    for await (const items of chunks) {
      for (const item of items) {
        appendItem(copy.writer, position++, item);
        if (copy.isFull) await copy.flush();
      }
    }
  });
  return position;
}

function appendItem(writer: BinaryCopyWriter, position: number, item: ItemDetails): void {
  writer.startRow(2);
  writer.int32(position);
  writer.text(JSON.stringify(item));
}

/** Staged items, as many at a time as one request has. */
export async function* readStagedItems(client: PoolClient, count: number): AsyncGenerator<ItemDetails[]> {
  for (let position = 0; position < count; position += LIMITS.itemsPerRequest) {
    const { rows } = await client.query<{ details: string }>(FIND_CHUNK, [
      position,
      position + LIMITS.itemsPerRequest,
    ]);
    yield rows.map(({ details }) => JSON.parse(details) as ItemDetails);
  }
}
