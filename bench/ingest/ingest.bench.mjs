/**
 * Interactions into and out of PostgreSQL, against psql's COPY of the same rows in the same call.
 *   npm run -s bench -- ingest [--rows 5000000] [--posted 200000] [--rounds 3] [--json]
 *
 * psqlCopy: psql copies CSV with ready integer keys into an equal table with the same primary key. We read
 * external ids, number them, look up their keys and merge, which is more work: sparserecIn by the repository
 * alone, commandLine by `sparserec import` of a CSV file, from the start of the process to its end.
 * sparserecAgain: the same rows once more, which stores nothing. psqlCopyOut: psql copies the largest weight
 * of each pair out as CSV; we weigh by type, age and sign, read into CSR arrays and hash them, which is more
 * work. Processor time is that of all processes that take part, PostgreSQL's too. posts: JSON of 1,000 rows
 * each to a running API, by eight connections; postsOfMany: each row of a post is of another known user.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Database, ImportsRepository, migrate, SnapshotReader } from '../../dist/libs/data/src/index.js';
import { KERNEL_FLAGS, ROOT } from '../../scripts/lib/paths.mjs';
import { run, StepError } from '../../scripts/lib/run.mjs';
import { readOptions } from '../lib/options.mjs';
import { has, machine, median, print, ratio, versionOf } from '../lib/report.mjs';
import { startApi, startStores } from '../lib/service.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';
import { Measures } from './measures.mjs';
import { measurePosts } from './posts.mjs';

const options = readOptions({
  rows: { type: 'string', default: '5000000' },
  posted: { type: 'string', default: '200000' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
});
const [numRows, numPosted, rounds] = [options.rows, options.posted, options.rounds].map(Number);
const CHUNK_ROWS = 5_000;
const ROWS_PER_USER = 30;
const START_MS = Date.UTC(2026, 0, 1);
const CLI = join(ROOT, 'dist/programs/cli.js');
const PLAIN_TABLE = `DROP TABLE IF EXISTS plain; CREATE TABLE plain (catalog_id text, user_key int, item_key int, type_key smallint,
  occurred_at timestamptz, weight real, PRIMARY KEY (catalog_id, user_key, item_key, type_key, occurred_at))`;
const QUERY = `SELECT user_key, item_key, max(weight) FROM interactions WHERE catalog_id = 'default' GROUP BY 1, 2 ORDER BY 1, 2`;

await runBenchmark(main);

async function main() {
  if (!has('psql'))
    throw new StepError(
      'This benchmark compares with psql: install it (Debian: apt-get install postgresql-client).',
    );
  const env = await startStores();
  const url = env.DATABASE_URL;
  await migrate(url, join(ROOT, 'prisma/migrations'));
  const database = Database.connect(url);
  stops.push(() => database.close());
  const files = { keyed: join(folder, 'keyed.csv'), named: join(folder, 'named.csv') };
  await writeRows(files.keyed, '', ({ user, item, at }) => `default,${user},${item},1,${at},1\n`);
  const header = 'userId,itemId,type,weight,occurredAt\n';
  await writeRows(files.named, header, ({ user, item, at }) => `user-${user},item-${item},view,1,${at}\n`);
  const times = await measureAll(new Measures(database), { url, database, files });
  const posts = await measureAllPosts(await startApi(env), database);
  print(reportOf(times, posts), options.json);
}

async function measureAll(measures, { url, database, files }) {
  const psql = (sql) => run('psql', ['-q', '-v', 'ON_ERROR_STOP=1', url, '-c', sql]);
  const empty = () => database.pool.query('TRUNCATE interactions, users, items');
  const importAll = () => new ImportsRepository(database).importAll('default', { interactions: chunks() });
  const importFile = ['import', '--data', files.named, '--database', url];
  for (let n = 0; n < rounds; n++) {
    await empty();
    await measures.take('commandLine', () => run(process.execPath, [...KERNEL_FLAGS, CLI, ...importFile]));
    await empty();
    await measures.take('sparserecIn', importAll);
    await measures.take('sparserecAgain', importAll);
    await database.pool.query(PLAIN_TABLE);
    await measures.take('psqlIn', () => psql(`\\copy plain FROM '${files.keyed}' (FORMAT csv)`));
    await database.pool.query('VACUUM ANALYZE');
    await measures.take('sparserecOut', () => new SnapshotReader(database).load('default'));
    const out = join(folder, 'out.csv');
    await measures.take('psqlOut', () => psql(`\\copy (${QUERY}) TO '${out}' (FORMAT csv)`));
  }
  return measures;
}

/** Of new users one after another, and then of all of these in turn. @returns medians by their names */
async function measureAllPosts(api, { pool }) {
  const numUsers = Math.ceil(numPosted / ROWS_PER_USER);
  const found = { posts: [], postsOfMany: [] };
  for (let round = 0; round < rounds; round++) {
    const firstUser = Math.ceil(numRows / ROWS_PER_USER) + round * numUsers;
    const rows = (part, userOf) =>
      Array.from({ length: numPosted }, (_, n) => ({
        ...rowOf(numRows + (2 * round + part) * numPosted + n),
        user: firstUser + userOf(n),
      }));
    const inTurn = rows(0, (n) => Math.floor(n / ROWS_PER_USER));
    found.posts.push(await measurePosts(api, pool, inTurn));
    found.postsOfMany.push(
      await measurePosts(
        api,
        pool,
        rows(1, (n) => n % numUsers),
      ),
    );
  }
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, results]) =>
      Object.keys(results[0]).map((figure) => [
        name + figure,
        Math.round(median(results.map((result) => result[figure]))),
      ]),
    ),
  );
}

function reportOf({ clock, processor }, posts) {
  const perSecond = (times, unit) =>
    Object.entries(times).map(([name, values]) => [
      name + unit,
      Math.round((numRows / median(values)) * 1_000),
    ]);
  const both = (peer, ours) => ({
    [`${peer} by ${ours}`]: ratio(clock[peer], clock[ours]),
    [`${peer} by ${ours}, processor`]: ratio(processor[peer], processor[ours]),
  });
  return {
    name: 'ingest',
    machine: machine(),
    versions: { node: process.versions.node, psql: versionOf('psql') },
    setup: { rows: numRows, posted: numPosted },
    rounds,
    medians: {
      ...Object.fromEntries([
        ...perSecond(clock, 'RowsPerSecond'),
        ...perSecond(processor, 'RowsPerProcessorSecond'),
      ]),
      ...posts,
    },
    ratios: {
      ...both('psqlIn', 'sparserecIn'),
      ...both('psqlIn', 'commandLine'),
      ...both('psqlOut', 'sparserecOut'),
    },
  };
}

function rowOf(number) {
  return {
    user: Math.floor(number / ROWS_PER_USER),
    item: (Math.imul(number, 2_654_435_761) >>> 0) % 20_011,
    at: new Date(START_MS + number * 1_000),
  };
}

function* rowChunks() {
  for (let start = 0; start < numRows; start += CHUNK_ROWS)
    yield Array.from({ length: Math.min(CHUNK_ROWS, numRows - start) }, (_, n) => rowOf(start + n));
}

function writeRows(path, header, toLine) {
  const text = function* () {
    yield header;
    for (const rows of rowChunks())
      yield rows.map((row) => toLine({ ...row, at: row.at.toISOString() })).join('');
  };
  return pipeline(Readable.from(text()), createWriteStream(path));
}

/** As readers of files hand them over. */
async function* chunks() {
  const [type, weight] = ['view', 1];
  for (const rows of rowChunks())
    yield rows.map(({ user, item, at }) => ({
      ...{ userId: `user-${user}`, itemId: `item-${item}` },
      ...{ type, weight, occurredAt: at },
    }));
}
