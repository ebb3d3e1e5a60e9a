import { v7 as uuid, validate as isUuid } from 'uuid';
import { DomainError, isValid, LIMITS, makeToken, type ApiKey, type Scope } from '#domain';
import { notify } from '../changes/catalog-change.js';
import type { Database, Transaction } from '../connection/database.js';
import type { ApiKeyModel } from '../generated/models.js';
import { newestFirst, toPage, type Page } from '../sql/paging.js';

/** What whoever makes a key says of it. */
export type NewApiKey = Pick<ApiKey, 'name' | 'scopes' | 'catalogs' | 'expiresAt'> &
  Partial<Pick<ApiKey, 'origins' | 'callsPerSecond'>>;

/** A key with its token, which nobody can ask for again. */
export interface MadeApiKey {
  readonly key: ApiKey;
  readonly token: string;
}

/** A key with the hash of its secret. */
export interface StoredApiKey {
  readonly key: ApiKey;
  readonly hash: Uint8Array;
}

/** Advisory lock under which keys are made, so that their number is bounded. */
const LOCK = 72_707_371;

export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `too-many-keys` */
  async make(input: NewApiKey): Promise<MadeApiKey> {
    return this.database.transaction((transaction) => make(transaction, input));
  }

  /**
   * Makes a key like `id`, which then expires after the overlap, if it does not before.
   *
   * @throws DomainError `key-not-found` also when it is revoked or has expired, `too-many-keys`
   */
  async rotate(id: string, overlapSeconds: number): Promise<MadeApiKey> {
    return this.database.transaction(async (transaction) => {
      const now = new Date();
      const end = new Date(now.getTime() + overlapSeconds * 1_000);
      const row = await find(transaction, id);
      if (!isValid(toKey(row), now)) throw keyNotFound(id);
      const expiresAt = row.expiresAt && row.expiresAt < end ? row.expiresAt : end;
      await transaction.apiKey.update({ where: { id }, data: { expiresAt } });
      return make(transaction, toKey(row));
    });
  }

  /**
   * From its commit on nobody is let in by it. Revoking again changes nothing.
   *
   * @throws DomainError `key-not-found`
   */
  async revoke(id: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { revokedAt } = await find(transaction, id);
      if (revokedAt !== null) return;
      await transaction.apiKey.update({ where: { id }, data: { revokedAt: new Date() } });
      await notify(transaction, { kind: 'keys-changed' });
    });
  }

  /** @throws DomainError `key-not-found` */
  async load(id: string): Promise<ApiKey> {
    return toKey(await this.database.run((prisma) => find(prisma, id)));
  }

  /** The newest first, also those that are valid no longer. */
  async findPage(before: string | null, limit: number): Promise<Page<ApiKey>> {
    const rows = await this.database.run((prisma) => prisma.apiKey.findMany(newestFirst(before, limit)));
    return toPage(rows.map(toKey), limit, ({ id }) => id);
  }

  /** The newest first, also those that are valid no longer. */
  async findAll(): Promise<StoredApiKey[]> {
    const rows = await this.database.run((prisma) => prisma.apiKey.findMany({ orderBy: { id: 'desc' } }));
    return rows.map((row) => ({ key: toKey(row), hash: row.secretHash }));
  }

  /** @param ids of keys that were used within the minute that began at `at` */
  async noteUse(ids: readonly string[], at: Date): Promise<void> {
    await this.database.run((prisma) =>
      prisma.apiKey.updateMany({
        where: { id: { in: [...ids] }, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: at } }] },
        data: { lastUsedAt: at },
      }),
    );
  }
}

async function make(
  transaction: Transaction,
  { name, scopes, catalogs, expiresAt, origins, callsPerSecond = null }: NewApiKey,
): Promise<MadeApiKey> {
  await transaction.$queryRawUnsafe(
    'SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))::text',
    LOCK,
  );
  if ((await transaction.apiKey.count()) >= LIMITS.keys)
    throw new DomainError('too-many-keys', `There are ${LIMITS.keys} keys, revoked ones included`);
  const { id, hash, token } = makeToken(uuid());
  const row = await transaction.apiKey.create({
    data: {
      ...{ id, name, scopes: [...scopes], expiresAt, callsPerSecond },
      secretHash: Uint8Array.from(hash),
      ...{ catalogs: [...(catalogs ?? [])], isForAll: catalogs === null, origins: [...(origins ?? [])] },
    },
  });
  await notify(transaction, { kind: 'keys-changed' });
  return { key: toKey(row), token };
}

async function find(prisma: Pick<Transaction, 'apiKey'>, id: string): Promise<ApiKeyModel> {
  const row = isUuid(id) ? await prisma.apiKey.findUnique({ where: { id } }) : null;
  if (!row) throw keyNotFound(id);
  return row;
}

function keyNotFound(id: string): DomainError {
  return new DomainError('key-not-found', `There is no valid key "${id}"`);
}

function toKey({ secretHash: _, isForAll, catalogs, origins, scopes, ...row }: ApiKeyModel): ApiKey {
  return {
    ...row,
    scopes: scopes as Scope[],
    catalogs: isForAll ? null : catalogs,
    origins: origins.length === 0 ? null : origins,
  };
}
