/** The default catalog of a service that is to be measured. */
import { join } from 'node:path';
import { Database, ImportsRepository, migrate } from '../../dist/libs/data/src/index.js';
import { ROOT } from '../../scripts/lib/paths.mjs';

const AT = new Date('2026-01-01T00:00:00.000Z');
const CHUNK_ROWS = 1_000;

/**
 * Migrates an empty database and stores one view of each pair.
 *
 * @param pairs of a user and an item, by their ids
 * @param work what else is to be done with the database before it is closed
 * @returns what `work` does
 */
export async function fillDatabase(url, pairs, work = () => undefined) {
  await migrate(url, join(ROOT, 'prisma/migrations'));
  const database = Database.connect(url);
  try {
    await new ImportsRepository(database).importAll('default', { interactions: views(pairs) });
    return await work(database);
  } finally {
    await database.close();
  }
}

async function* views(pairs) {
  let chunk = [];
  for await (const [userId, itemId] of pairs) {
    chunk.push({ userId, itemId, type: 'view', weight: 1, occurredAt: AT });
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}
