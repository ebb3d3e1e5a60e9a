/**
 * Interactions into and out of PostgreSQL, against psql's COPY of the same rows in the same call.
 *   npm run -s bench -- ingest [--rows 300000] [--rounds 3] [--json]
 *
 * sparserecAgain: the same rows once more, which stores nothing.
 * psqlCopy: psql copies CSV with ready integer keys into an equal table with the same primary key; we copy
 * external ids into a staging table, look up their keys and merge, which is more work. psqlCopyOut: psql
 * copies the largest weight of each pair out as CSV; we weigh by type, age and sign, read into CSR arrays and
 * hash them, which is more work.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database, ImportsRepository, migrate, SnapshotReader } from '../../dist/libs/data/src/index.js';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { run, StepError } from '../../scripts/lib/run.mjs';
import { startServers } from '../../scripts/lib/servers.mjs';
import { readOptions } from '../lib/options.mjs';
import { has, machine, median, print, ratio, time, versionOf } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';

const options = readOptions({
  rows: { type: 'string', default: '300000' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
});
const [numRows, rounds] = [Number(options.rows), Number(options.rounds)];
const CHUNK_ROWS = 5_000;
const AT = '2026-01-01T00:00:00.000Z';
const PLAIN_TABLE = `DROP TABLE IF EXISTS plain; CREATE TABLE plain (catalog_id text, user_key int, item_key int, type_key smallint,
  occurred_at timestamptz, weight real, PRIMARY KEY (catalog_id, user_key, item_key, type_key, occurred_at))`;
const QUERY = `SELECT user_key, item_key, max(weight) FROM interactions WHERE catalog_id = 'default' GROUP BY 1, 2 ORDER BY 1, 2`;

await runBenchmark(main);

async function main() {
  if (!has('psql'))
    throw new StepError(
      'This benchmark compares with psql: install it (Debian: apt-get install postgresql-client).',
    );
  const servers = await startServers(folder, { postgres: true, redis: false });
  stops.push(servers.stop);
  await migrate(servers.postgresUrl, join(ROOT, 'prisma/migrations'));
  const database = Database.connect(servers.postgresUrl);
  stops.push(() => database.close());
  const rows = makeRows();
  const csv = join(folder, 'rows.csv');
  writeFileSync(csv, rows.map(([user, item]) => `default,${user},${item},1,${AT},1\n`).join(''));
  const psql = (sql) => run('psql', ['-q', '-v', 'ON_ERROR_STOP=1', servers.postgresUrl, '-c', sql]);
  const times = { sparserecIn: [], sparserecAgain: [], psqlIn: [], sparserecOut: [], psqlOut: [] };
  for (let n = 0; n < rounds; n++) {
    await database.pool.query('TRUNCATE interactions, users, items');
    times.sparserecIn.push(
      await time(() => new ImportsRepository(database).importAll('default', { interactions: chunks(rows) })),
    );
    times.sparserecAgain.push(
      await time(() => new ImportsRepository(database).importAll('default', { interactions: chunks(rows) })),
    );
    await database.pool.query(PLAIN_TABLE);
    times.psqlIn.push(await time(() => psql(`\\copy plain FROM '${csv}' (FORMAT csv)`)));
    await database.pool.query('VACUUM ANALYZE');
    times.sparserecOut.push(await time(() => new SnapshotReader(database).load('default')));
    times.psqlOut.push(
      await time(() => psql(`\\copy (${QUERY}) TO '${join(folder, 'out.csv')}' (FORMAT csv)`)),
    );
  }
  print(
    {
      name: 'ingest',
      machine: machine(),
      versions: { node: process.versions.node, psql: versionOf('psql') },
      setup: { rows: numRows },
      rounds,
      medians: Object.fromEntries(
        Object.entries(times).map(([name, values]) => [
          `${name}RowsPerSecond`,
          Math.round((numRows / median(values)) * 1000),
        ]),
      ),
      ratios: {
        psqlCopy: ratio(times.psqlIn, times.sparserecIn),
        psqlCopyOut: ratio(times.psqlOut, times.sparserecOut),
      },
    },
    options.json,
  );
}

function makeRows() {
  const perUser = 30;
  return Array.from({ length: numRows }, (_, n) => [
    Math.floor(n / perUser),
    (Math.imul(n, 2654435761) >>> 0) % 20_011,
  ]);
}

/** As readers of files hand them over. */
async function* chunks(rows) {
  const [type, weight, occurredAt] = ['view', 1, new Date(AT)];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    yield rows
      .slice(start, start + CHUNK_ROWS)
      .map(([user, item]) => ({ userId: `user-${user}`, itemId: `item-${item}`, type, weight, occurredAt }));
  }
}
