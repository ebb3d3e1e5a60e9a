import type { PoolClient } from 'pg';
import { LIMITS, type UserHistory } from '#domain';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { CATALOG, unseenCatalog } from '../sql/catalog.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';
import { POSTGRES_EPOCH_MS } from './binary-copy.js';
import { BlockPairs, FIND_TYPE_RULES, selectRows, type TypeRule } from './block-pairs.js';
import { copyRows } from './copy-rows.js';

/** Interactions that a block has at most, unless its only user has more. */
const BLOCK_ROWS = 400_000;

/** A user with the history as of the block, without traits. */
export interface BlockUser {
  readonly userKey: number;
  readonly userId: string;
  readonly history: Omit<UserHistory, 'revision'>;
}

/** Some users of a catalog in the order of their keys, as they are at one moment. */
export interface UserBlock {
  readonly users: readonly BlockUser[];
  /** Where the next block begins; null: there are no more users. */
  readonly nextUserKey: number | null;
}

interface BlockOptions {
  readonly fromUserKey: number;
  readonly maxUsers: number;
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
}

/** $1 catalog, $2 least key, $3 users. */
const FIND_USERS = `SELECT u.user_key, u.external_id, coalesce(r.personal, false) AS refused
  FROM users u LEFT JOIN refusals r USING (catalog_id, user_key)
  WHERE u.catalog_id = ${CATALOG} AND u.user_key >= $2 ORDER BY u.user_key LIMIT $3`;

interface UserRow {
  readonly user_key: number;
  readonly external_id: string;
  readonly refused: boolean;
}

interface CatalogFacts {
  readonly literal: string;
  readonly types: readonly TypeRule[];
}

const FACTS = `SELECT quote_literal(id) AS literal, rules.types FROM catalogs, (${FIND_TYPE_RULES}) rules
  WHERE id = $1 AND deleted_at IS NULL`;

/** Reads users block by block, each block in a transaction of its own. */
export class UserBlockReader {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `catalog-not-found`; the reason of the signal when it aborts */
  async load(catalogId: string, options: BlockOptions): Promise<UserBlock> {
    return this.database.sqlTransaction(
      (client) =>
        this.database.abortable(client, options.signal, () => readBlock(client, catalogId, options)),
      'ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
  }
}

async function readBlock(
  client: PoolClient,
  catalogId: string,
  { fromUserKey, maxUsers, maxRows = BLOCK_ROWS }: BlockOptions,
): Promise<UserBlock> {
  const [catalog] = (await client.query<CatalogFacts>(FACTS, [catalogId])).rows;
  if (!catalog) throw catalogNotFound(catalogId);
  const { rows } = await client.query<UserRow>(FIND_USERS, [catalogId, fromUserKey, maxUsers]);
  if (rows.length === 0) return { users: [], nextUserKey: null };
  const pairs = await readPairs(client, catalog, rows, maxRows);
  // The last user may have more rows than were read.
  const whole = pairs.numRows > maxRows ? rows.filter((row) => row.user_key < pairs.lastUserKey) : rows;
  if (whole.length === 0) {
    const alone = rows.slice(0, 1);
    return toBlock(alone, await readPairs(client, catalog, alone, Infinity), false);
  }
  return toBlock(whole, pairs, whole.length === rows.length && rows.length < maxUsers);
}

function toBlock(rows: readonly UserRow[], pairs: BlockPairs, isLast: boolean): UserBlock {
  let from = 0;
  const { userKeys, length } = pairs;
  const users = rows.map(({ user_key: userKey, external_id: userId, refused }) => {
    while (from < length && userKeys[from]! < userKey) from++;
    const start = from;
    while (from < length && userKeys[from] === userKey) from++;
    const history = refused ? { ...NOTHING, isRefused: true as const } : historyOf(pairs, start, from);
    return { userKey, userId, history };
  });
  return { users, nextUserKey: isLast ? null : rows.at(-1)!.user_key + 1 };
}

const NOTHING = { itemKeys: new Int32Array(), values: new Float32Array() };

async function readPairs(
  client: PoolClient,
  { literal, types }: CatalogFacts,
  users: readonly UserRow[],
  maxRows: number,
): Promise<BlockPairs> {
  const catalog = unseenCatalog(literal);
  const range = `n.user_key BETWEEN ${users[0]!.user_key} AND ${users.at(-1)!.user_key}`;
  const mayBeRead = users.some(({ refused }) => refused)
    ? ` AND NOT ${hasRefused('personal', 'n.user_key', catalog)}`
    : '';
  const rows = selectRows(`n.catalog_id = ${catalog} AND ${range}${mayBeRead}`, types);
  const limit = Number.isFinite(maxRows) ? `LIMIT ${maxRows + 1}` : '';
  const pairs = new BlockPairs(types);
  await copyRows(client, `COPY (${rows} ${limit}) TO STDOUT (FORMAT binary)`, pairs.reader);
  return pairs;
}

/** What `MERGE_STEPS.histories` says of a user, of the pairs from `start` to before `end`. */
function historyOf(pairs: BlockPairs, start: number, end: number): Omit<UserHistory, 'revision'> {
  const { itemKeys, values } = pairs;
  if (end - start <= LIMITS.historyItems && isPlain(pairs, start, end))
    // Views, which cost less than memory for each user, and hold that of the block for as long.
    return { itemKeys: itemKeys.subarray(start, end), values: values.subarray(start, end) };
  const places = Array.from({ length: end - start }, (_, n) => start + n);
  const recent = places.length > LIMITS.historyItems ? newestOf(pairs, places) : null;
  const isRecent = (place: number) => recent === null || recent.has(place);
  const keysOf = (of: readonly number[]) => Int32Array.from(of, (place) => itemKeys[place]!);
  const own = places.filter(isRecent);
  const repeatable = own.filter((place) => pairs.excluded[place] === 0);
  const alsoSeen = places.filter((place) => pairs.excluded[place] === 1 && !isRecent(place));
  const returning = places.filter((place) => Number.isFinite(pairs.opensAt[place]!));
  return {
    itemKeys: keysOf(own),
    values: Float32Array.from(own, (place) => values[place]!),
    ...(repeatable.length > 0 && { repeatable: keysOf(repeatable) }),
    ...(alsoSeen.length > 0 && { alsoSeen: keysOf(alsoSeen) }),
    ...(returning.length > 0 && {
      returning: {
        itemKeys: keysOf(returning),
        at: Float64Array.from(returning, (place) => toMilliseconds(pairs.opensAt[place]!)),
      },
    }),
  };
}

/** All of it is left out of lists for good. */
function isPlain({ excluded, opensAt }: BlockPairs, start: number, end: number): boolean {
  for (let place = start; place < end; place++)
    if (excluded[place] === 0 || opensAt[place] !== Infinity) return false;
  return true;
}

/** Ties go to the lower item. */
function newestOf({ occurredAt }: BlockPairs, places: readonly number[]): Set<number> {
  const newestFirst = [...places].sort((a, b) => occurredAt[b]! - occurredAt[a]! || a - b);
  return new Set(newestFirst.slice(0, LIMITS.historyItems));
}

function toMilliseconds(microseconds: number): number {
  return (microseconds + POSTGRES_EPOCH_MS * 1_000) / 1_000;
}
