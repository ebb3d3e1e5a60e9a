/**
 * Reads of what people did, by one API process over HTTP, one call after another: of each kind of call the
 * median and the 99th percentile by the clock, and the mean processor time of API and PostgreSQL, which other
 * work on the machine changes less. A call that reads nothing says how much of the times is other work.
 *   npm run -s bench -- user-reads [--users 1000000] [--items 50000] [--calls 1000] [--json]
 *
 * Users have 4 to 10,000 interactions (10 in the mean, a few have thousands), two thirds of one type, within
 * two years. The most popular of 50,000 items has 2.7 % of all. Half of the calls on users are on any user,
 * and half on the 100 with the most interactions; items are asked for as often as they are used.
 */
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../dist/libs/data/src/index.js';
import { seededRandom } from '../../dist/libs/sparse/src/index.js';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { readOptions } from '../lib/options.mjs';
import { postgresSeconds, processorSeconds } from '../lib/processor-time.mjs';
import { machine, median, print, round } from '../lib/report.mjs';
import { startApi, startStores } from '../lib/service.mjs';
import { runBenchmark, stops } from '../lib/workspace.mjs';

const options = readOptions({
  users: { type: 'string', default: '1000000' },
  items: { type: 'string', default: '50000' },
  calls: { type: 'string', default: '1000' },
  json: { type: 'boolean', default: false },
});
const [numUsers, numItems, numCalls] = [options.users, options.items, options.calls].map(Number);
const INDEX = 'interactions_newest_of_item_idx';
const HEAVY_USERS = 100;
const random = seededRandom(7);
const below = (n) => Math.floor(random() * n);

/** Rows by SQL, since no import is measured here. */
const FILL = [
  `SELECT setseed(0.5)`,
  `INSERT INTO users (catalog_id, user_key, external_id) SELECT 'default', n, 'user-' || n
     FROM generate_series(0, ${numUsers - 1}) n`,
  `INSERT INTO items (catalog_id, item_key, external_id, title, tags)
     SELECT 'default', n, 'item-' || n, (ARRAY['The quiet', 'A long', 'Red', 'Élan of the'])[1 + n % 4] || ' film ' || n, '{}'
     FROM generate_series(0, ${numItems - 1}) n`,
  `INSERT INTO interaction_types (catalog_id, type_key, name) VALUES ('default', 1, 'view'), ('default', 2, 'buy')`,
  `INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
     SELECT 'default', u, floor(${numItems} * power(random(), 3)), 1 + (random() < 0.33)::int,
       timestamptz '2024-11-01' + random() * 6e7 * interval '1 second', 1
     FROM generate_series(0, ${numUsers - 1}) u,
       LATERAL generate_series(1, least(10000, floor(4 / power(1 - random() - u * 0, 0.6)))::int) n
     ON CONFLICT DO NOTHING`,
];

await runBenchmark(main);

async function main() {
  const env = { ...(await startStores()), LOG_LEVEL: 'error' };
  const rows = await step(`Storing ${numUsers} users and what they did`, () => fill(env.DATABASE_URL));
  const { port, pid } = await startApi(env);
  const processorMs = async () => 1_000 * (processorSeconds(pid) + (await postgresSeconds(rows.client)));
  const base = `http://127.0.0.1:${port}/v1/catalogs/default/`;
  const heavy = rows.heavyUsers;
  const anyUser = () => `user-${random() < 0.5 ? below(numUsers) : heavy[below(heavy.length)]}`;
  const anyItem = () => `item-${Math.floor(numItems * random() ** 3)}`;
  const span = () => `from=2025-0${1 + below(9)}-01T00:00:00Z&to=2026-01-01T00:00:00Z`;
  const cursors = await cursorsOf(base, [
    'users?',
    'items/item-0/interactions?',
    `users/user-${heavy[0]}/interactions?`,
  ]);
  const kinds = {
    'nothing (/health/live)': () => '../../../health/live',
    'users, any page': () => `users?cursor=${pick(cursors[0])}`,
    'users by prefix': () => `users?search=user-${below(numUsers)}`.slice(0, -below(5) || undefined),
    'a user': () => `users/${anyUser()}`,
    'interactions of a user': () => `users/${anyUser()}/interactions`,
    'interactions of a user, type and span': () => `users/${anyUser()}/interactions?type=buy&${span()}`,
    'interactions of the largest user, any page': () =>
      `users/user-${heavy[0]}/interactions?cursor=${pick(cursors[2])}`,
    'interactions with an item': () => `items/${anyItem()}/interactions`,
    'interactions with an item, type and span': () => `items/${anyItem()}/interactions?type=buy&${span()}`,
    'interactions with the largest item, any page': () =>
      `items/item-0/interactions?cursor=${pick(cursors[1])}`,
    'items by prefix of the id': () =>
      `items?search=item-${below(numItems)}`.slice(0, -below(4) || undefined),
    'items by prefix of the title': () =>
      `items?search=${['the quiet film ', 'RED', 'a', 'red film '][below(4)]}${below(2) ? below(9) : ''}`,
  };
  const medians = { interactions: rows.interactions, interactionsOfLargestUser: rows.largest };
  for (const [kind, path] of Object.entries(kinds)) {
    const before = await processorMs();
    const times = await step(`Asking for ${kind}`, () => measure(base, path));
    medians[`${kind}: processor ms`] = round(((await processorMs()) - before) / (numCalls * 1.1));
    medians[`${kind}: median ms`] = round(median(times));
    medians[`${kind}: p99 ms`] = round(times[Math.floor(times.length * 0.99)]);
  }
  const versions = { node: process.version, postgres: rows.version };
  const report = { name: 'user-reads', machine: machine(), versions, users: numUsers, items: numItems };
  print({ ...report, rounds: numCalls, medians, ratios: {} }, options.json);
}

async function fill(url) {
  await migrate(url, join(ROOT, 'prisma/migrations'));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  stops.push(() => client.end());
  const { rows: indexes } = await client.query('SELECT indexdef FROM pg_indexes WHERE indexname = $1', [
    INDEX,
  ]);
  // Made at once afterwards, it takes a fraction of the time.
  await client.query(`DROP INDEX ${INDEX}`);
  for (const sql of FILL) await client.query(sql);
  await client.query(indexes[0].indexdef);
  await client.query(
    `UPDATE catalogs SET next_user_key = ${numUsers}, next_item_key = ${numItems}, user_rows = ${numUsers}, item_rows = ${numItems}
     WHERE id = 'default'`,
  );
  await client.query('VACUUM ANALYZE');
  const { rows: heavy } = await client.query(
    `SELECT user_key, count(*)::int AS count FROM interactions GROUP BY user_key ORDER BY count(*) DESC LIMIT ${HEAVY_USERS}`,
  );
  const { rows: counts } = await client.query(
    "SELECT count(*)::int AS interactions, current_setting('server_version') AS version FROM interactions",
  );
  return { client, ...counts[0], heavyUsers: heavy.map(({ user_key }) => user_key), largest: heavy[0].count };
}

/** Cursors of the first pages of lists. */
async function cursorsOf(base, paths) {
  const all = [];
  for (const path of paths) {
    const cursors = [];
    let cursor = '';
    for (let page = 0; page < 20; page++) {
      const { nextCursor } = await (await fetch(`${base}${path}limit=500${cursor}`)).json();
      if (nextCursor === undefined) break;
      cursors.push(nextCursor);
      cursor = `&cursor=${nextCursor}`;
    }
    all.push(cursors);
  }
  return all;
}

function pick(values) {
  return values[below(values.length)];
}

/** @returns milliseconds of each call in ascending order; the first tenth of the calls is not counted */
async function measure(base, path) {
  const times = [];
  for (let call = 0; call < numCalls * 1.1; call++) {
    const address = base + path();
    const started = performance.now();
    const response = await fetch(address);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${address} is a ${response.status}`);
    if (call >= numCalls * 0.1) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}
