/**
 * Merges two users of the catalog that its first line of input names, as `{catalogId, intoId, fromId}`.
 * With --without-transaction each statement is one of its own, which a test of merges has to notice.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Database, UserMergesRepository } from '../../../../dist/libs/data/src/index.js';

const OF_TRANSACTIONS = /^(BEGIN|COMMIT|ROLLBACK|SET LOCAL)/;

const database = Database.connect(process.env.DATABASE_URL);
if (process.argv.includes('--without-transaction')) dropTransactions(database.pool);
const merges = new UserMergesRepository(database);
await database.isReachable();
process.stdout.write('ready\n');
const [line] = await once(createInterface({ input: process.stdin }), 'line');
const { catalogId, ...ids } = JSON.parse(line);
await merges.merge(catalogId, ids);
process.exit();

function dropTransactions(pool) {
  const connect = pool.connect.bind(pool);
  pool.connect = async (...done) => {
    if (done.length > 0) return connect(...done);
    const client = await connect();
    const query = client.query.bind(client);
    client.query = (sql, ...rest) =>
      OF_TRANSACTIONS.test(sql) ? Promise.resolve({ rows: [] }) : query(sql, ...rest);
    return client;
  };
}
