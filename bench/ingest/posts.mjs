import { processorSeconds, postgresSeconds } from '../lib/processor-time.mjs';
import { closedLoad } from '../serving/load.mjs';

const ROWS_PER_POST = 1_000;
const CONNECTIONS = 8;
const PATH = '/v1/catalogs/default/interactions';

/**
 * Posts rows to a running API as JSON, a thousand a time, over some connections at once.
 *
 * @param rows of a user, an item and a time; the user's number tells users apart
 * @returns rows a second, and by second of processor time of the API and of PostgreSQL
 */
export async function measurePosts({ port, pid }, pool, rows) {
  const requests = Array.from({ length: Math.ceil(rows.length / ROWS_PER_POST) }, (_, n) =>
    toRequest(rows.slice(n * ROWS_PER_POST, (n + 1) * ROWS_PER_POST)),
  );
  const before = { api: processorSeconds(pid), postgres: await postgresSeconds(pool) };
  const load = { port, requests, connections: CONNECTIONS, seconds: Infinity, calls: requests.length };
  const { perSecond, failed } = await closedLoad(load);
  if (failed > 0) throw new Error(`${failed} posts failed`);
  return {
    RowsPerSecond: perSecond * ROWS_PER_POST,
    RowsPerProcessorSecondOfApi: rows.length / (processorSeconds(pid) - before.api),
    RowsPerProcessorSecondOfPostgres: rows.length / ((await postgresSeconds(pool)) - before.postgres),
  };
}

function toRequest(rows) {
  const interactions = rows.map(({ user, item, at }) => ({
    ...{ userId: `user-${user}`, itemId: `item-${item}`, type: 'view', occurredAt: at },
  }));
  const body = Buffer.from(JSON.stringify({ interactions }));
  const head = `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
