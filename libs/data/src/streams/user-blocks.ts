import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { LIMITS, type UserHistory } from '#domain';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { CATALOG, unseenCatalog } from '../sql/catalog.sql.js';
import { FIND_PAIR_RULES, pairValues, type PairRules } from '../sql/pair-values.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';
import { FixedRowReader, POSTGRES_EPOCH_MS } from './binary-copy.js';

/** Pairs that a block has at most, unless its only user has more. */
export const BLOCK_PAIRS = 400_000;

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
  readonly maxPairs?: number;
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

interface CatalogFacts extends PairRules {
  readonly literal: string;
}

const FACTS = `SELECT quote_literal(id) AS literal, rules.* FROM catalogs, (${FIND_PAIR_RULES}) rules
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
  { fromUserKey, maxUsers, maxPairs = BLOCK_PAIRS }: BlockOptions,
): Promise<UserBlock> {
  const [catalog] = (await client.query<CatalogFacts>(FACTS, [catalogId])).rows;
  if (!catalog) throw catalogNotFound(catalogId);
  const { rows } = await client.query<UserRow>(FIND_USERS, [catalogId, fromUserKey, maxUsers]);
  if (rows.length === 0) return { users: [], nextUserKey: null };
  const pairs = await readPairs(client, catalog, rows, maxPairs);
  // The last user may have more pairs than were read.
  const whole = pairs.length > maxPairs ? rows.filter((row) => row.user_key < pairs.lastUserKey) : rows;
  if (whole.length === 0) {
    const alone = rows.slice(0, 1);
    return toBlock(alone, await readPairs(client, catalog, alone, Infinity), false);
  }
  return toBlock(whole, pairs, whole.length === rows.length && rows.length < maxUsers);
}

function toBlock(rows: readonly UserRow[], pairs: PairColumns, isLast: boolean): UserBlock {
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
  { literal, ...rules }: CatalogFacts,
  users: readonly UserRow[],
  maxPairs: number,
): Promise<PairColumns> {
  const catalog = unseenCatalog(literal);
  const range = `n.user_key BETWEEN ${users[0]!.user_key} AND ${users.at(-1)!.user_key}`;
  const mayBeRead = users.some(({ refused }) => refused)
    ? ` AND NOT ${hasRefused('personal', 'n.user_key', catalog)}`
    : '';
  const pairs = pairValues(`n.catalog_id = ${catalog} AND ${range}${mayBeRead}`, { ...rules, seen: true });
  const limit = Number.isFinite(maxPairs) ? `LIMIT ${maxPairs + 1}` : '';
  const columns = new PairColumns();
  const stream = client.query(
    copyTo(`COPY (SELECT user_key, item_key, value, occurred_at, excluded, coalesce(opens_at, 'infinity') FROM (${pairs}) pairs
      ORDER BY user_key, item_key ${limit}) TO STDOUT (FORMAT binary)`),
  );
  for await (const chunk of stream) columns.reader.push(chunk as Buffer);
  columns.reader.end();
  return columns;
}

/** Pairs that there is room for at first. */
const FIRST_PAIRS = 16_384;
/** Bytes of a row, and where its fields begin. */
const ROW = { bytes: 55, user: 6, item: 14, value: 22, occurredAt: 30, excluded: 42, opensAt: 47 } as const;
const TWO_32 = 2 ** 32;
/** High half of the timestamp `infinity`. */
const NEVER = 0x7fff_ffff;

/** Pairs by user and item. Times are microseconds from 2000-01-01. */
class PairColumns {
  length = 0;
  userKeys = new Int32Array(FIRST_PAIRS);
  itemKeys = new Int32Array(FIRST_PAIRS);
  values = new Float32Array(FIRST_PAIRS);
  occurredAt = new Float64Array(FIRST_PAIRS);
  /** 1: its item is left out of lists. */
  excluded = new Uint8Array(FIRST_PAIRS);
  /** Infinity: never. */
  opensAt = new Float64Array(FIRST_PAIRS);

  readonly reader = new FixedRowReader(ROW.bytes, (view, offset) => {
    const at = this.length++;
    if (at === this.userKeys.length) this.#grow();
    this.userKeys[at] = view.getInt32(offset + ROW.user);
    this.itemKeys[at] = view.getInt32(offset + ROW.item);
    this.values[at] = view.getFloat32(offset + ROW.value);
    this.occurredAt[at] = readInt64(view, offset + ROW.occurredAt);
    this.excluded[at] = view.getUint8(offset + ROW.excluded);
    const isNever = view.getInt32(offset + ROW.opensAt) === NEVER;
    this.opensAt[at] = isNever ? Infinity : readInt64(view, offset + ROW.opensAt);
  });

  get lastUserKey(): number {
    return this.length === 0 ? -1 : this.userKeys[this.length - 1]!;
  }

  #grow(): void {
    const larger = <Numbers extends Int32Array | Float32Array | Float64Array | Uint8Array>(from: Numbers) => {
      const to = new (from.constructor as new (length: number) => Numbers)(2 * from.length);
      to.set(from);
      return to;
    };
    this.userKeys = larger(this.userKeys);
    this.itemKeys = larger(this.itemKeys);
    this.values = larger(this.values);
    this.occurredAt = larger(this.occurredAt);
    this.excluded = larger(this.excluded);
    this.opensAt = larger(this.opensAt);
  }
}

/** Exact for the times that interactions can have. */
function readInt64(view: DataView, offset: number): number {
  return view.getInt32(offset) * TWO_32 + view.getUint32(offset + 4);
}

/** What `MERGE_STEPS.histories` says of a user, of the pairs from `start` to before `end`. */
function historyOf(pairs: PairColumns, start: number, end: number): Omit<UserHistory, 'revision'> {
  const { itemKeys, values } = pairs;
  if (end - start <= LIMITS.historyItems && isPlain(pairs, start, end))
    return { itemKeys: itemKeys.slice(start, end), values: values.slice(start, end) };
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
function isPlain({ excluded, opensAt }: PairColumns, start: number, end: number): boolean {
  for (let place = start; place < end; place++)
    if (excluded[place] === 0 || opensAt[place] !== Infinity) return false;
  return true;
}

/** Ties go to the lower item. */
function newestOf({ occurredAt }: PairColumns, places: readonly number[]): Set<number> {
  const newestFirst = [...places].sort((a, b) => occurredAt[b]! - occurredAt[a]! || a - b);
  return new Set(newestFirst.slice(0, LIMITS.historyItems));
}

function toMilliseconds(microseconds: number): number {
  return (microseconds + POSTGRES_EPOCH_MS * 1_000) / 1_000;
}
