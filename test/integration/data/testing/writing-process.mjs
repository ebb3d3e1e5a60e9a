/**
 * Makes the write that its first line of input names, as `{write, catalogId, …}`.
 * With --without-transaction each statement is one of its own, which a test of writes has to notice.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  Database,
  InteractionsRepository,
  ItemsRepository,
  UserMergesRepository,
} from '../../../../dist/libs/data/src/index.js';

const OF_TRANSACTIONS = /^(BEGIN|COMMIT|ROLLBACK|SET LOCAL)/;
const WHOLE = { onInvalid: 'refuse' };

const WRITES = {
  merge: (database, { catalogId, intoId, fromId }) =>
    new UserMergesRepository(database).merge(catalogId, { intoId, fromId }),
  'patch items': (database, { catalogId, rows }) =>
    new ItemsRepository(database).patchMany(catalogId, rows, WHOLE),
  'delete items': (database, { catalogId, rows }) =>
    new ItemsRepository(database).deleteMany(catalogId, rows, WHOLE),
  'put items': (database, { catalogId, items }) => new ItemsRepository(database).putMany(catalogId, items),
  'delete interactions': (database, { catalogId, userId, filter }) =>
    new InteractionsRepository(database).deleteOf(catalogId, userId, filter),
};

const database = Database.connect(process.env.DATABASE_URL);
if (process.argv.includes('--without-transaction')) dropTransactions(database.pool);
await database.isReachable();
process.stdout.write('ready\n');
const [line] = await once(createInterface({ input: process.stdin }), 'line');
const call = JSON.parse(line);
await WRITES[call.write](database, call);
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
