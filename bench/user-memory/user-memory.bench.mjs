/**
 * Memory of users in Redis, by the cache that the API uses, and of an item side in the chunks that it uses.
 *   npm run -s bench -- user-memory [--users 100000] [--items 50000] [--weighted] [--json]
 *
 * Histories have lengths of a log-normal distribution (median 20, mean about 55, at most 1,000, as in a shop
 * with a few heavy users) and items of a Zipf-like one. Values are 1, or with --weighted of a half-life,
 * which is the most that values can take. The item side is W with 64 entries an item, in f16.
 */
import { Redis } from 'ioredis';
import { RedisUserCache } from '../../dist/apps/api/src/serving/users/user-cache.js';
import { seededNormal, seededRandom } from '../../dist/libs/sparse/src/index.js';
import { StepError } from '../../scripts/lib/run.mjs';
import { startServers } from '../../scripts/lib/servers.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print, round, versionOf } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';

const options = readOptions({
  users: { type: 'string', default: '100000' },
  items: { type: 'string', default: '50000' },
  weighted: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});
const [numUsers, numItems] = [Number(options.users), Number(options.items)];
const LIFE_SECONDS = 86_400;
const AT_ONCE = 500;
const MOST_ITEMS = 1_000;
const ENTRIES_AN_ITEM = 64;
/** f16 and a u32 index. */
const ENTRY_BYTES = 6;
const CHUNK_BYTES = 4 * 1024 * 1024;
const random = seededRandom(100);
const normal = seededNormal(101);

await runBenchmark(main);

async function main() {
  const redis = await startRedis();
  const before = await usedMemory(redis);
  const lengths = await fillUsers(
    new RedisUserCache(redis, { USER_CACHE_SECONDS: LIFE_SECONDS, USER_CACHE_ENTRIES: 0 }),
  );
  if ((await redis.dbsize()) < numUsers) throw new StepError('Redis has refused some of the users.');
  const withUsers = await usedMemory(redis);
  await fillItemSide(redis);
  const itemSide = (await usedMemory(redis)) - withUsers;
  const sorted = lengths.toSorted((a, b) => a - b);
  print(
    {
      name: 'user-memory',
      machine: machine(),
      versions: { node: process.version, redis: versionOf('redis-server') },
      users: numUsers,
      items: numItems,
      weighted: options.weighted,
      rounds: 1,
      medians: {
        bytesAUser: round((withUsers - before) / numUsers),
        itemsAUserMean: round(lengths.reduce((sum, length) => sum + length, 0) / numUsers),
        itemsAUserMedian: sorted[numUsers >> 1],
        itemsAUserLargest: sorted.at(-1),
        usersMiB: round((withUsers - before) / 2 ** 20),
        itemSideMiB: round(itemSide / 2 ** 20),
      },
      ratios: {},
    },
    options.json,
  );
}

async function startRedis() {
  const servers = await startServers(folder, { postgres: false, redis: true });
  stops.push(servers.stop);
  if (!servers.redisUrl) throw new StepError('This benchmark needs redis-server.');
  const redis = new Redis(servers.redisUrl);
  stops.push(() => redis.disconnect());
  // It may not listen yet; the client tries again.
  redis.on('error', () => undefined);
  return redis;
}

/** @returns the number of items of each user */
async function fillUsers(cache) {
  const lengths = [];
  const generation = await cache.generation();
  for (let first = 0; first < numUsers; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, numUsers - first);
    const histories = Array.from({ length: count }, makeHistory);
    lengths.push(...histories.map(({ itemKeys }) => itemKeys.length));
    await Promise.all(
      histories.map((history, n) =>
        cache.put(
          { catalogId: 'default', cacheEpoch: 0, userId: `customer-${first + n}` },
          history,
          generation,
        ),
      ),
    );
  }
  return lengths;
}

function makeHistory() {
  const length = Math.min(MOST_ITEMS, numItems, Math.max(1, Math.round(20 * Math.exp(1.42 * normal()))));
  const keys = new Set();
  while (keys.size < length) keys.add(Math.floor(numItems * random() ** 3));
  const itemKeys = Int32Array.from(keys).sort();
  const values = Float32Array.from(itemKeys, () => (options.weighted ? 2 ** (-4 * random()) : 1));
  return { revision: 1 + Math.floor(random() * 100), itemKeys, values };
}

async function fillItemSide(redis) {
  const bytes = numItems * (ENTRIES_AN_ITEM * ENTRY_BYTES + 4 + 4 + 4);
  for (let position = 0; position * CHUNK_BYTES < bytes; position++) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - position * CHUNK_BYTES), position + 1);
    await redis.set(`default:model:m:${position}`, chunk, 'EX', LIFE_SECONDS);
  }
}

async function usedMemory(redis) {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]);
}
