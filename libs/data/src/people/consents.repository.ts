import type { PoolClient } from 'pg';
import { etagOfConsent, requireMatch, type Consent } from '#domain';
import type { BeforeCommit } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { CONSENT } from '../sql/refusals.sql.js';
import { idOfUser } from './merged-ids.sql.js';
import { changePerson, type ChangedPerson } from './person-change.js';
import { userNotFound } from './users.repository.js';

/** $1 catalog, $2 user. */
const FIND = `SELECT ${CONSENT} FROM users u LEFT JOIN refusals r USING (catalog_id, user_key)
  WHERE u.catalog_id = ${CATALOG} AND u.external_id = ${idOfUser('$2')}`;
/** $1 catalog, $2 key of the user. */
const FIND_BY_KEY = `SELECT ${CONSENT} FROM users u LEFT JOIN refusals r USING (catalog_id, user_key)
  WHERE u.catalog_id = ${CATALOG} AND u.user_key = $2`;
/** $1 catalog, $2 key of the user, $3 and $4 what was said no to. They change nothing that is so already. */
const REFUSE = `INSERT INTO refusals AS r (catalog_id, user_key, training, personal) VALUES ($1, $2, $3, $4)
  ON CONFLICT (catalog_id, user_key) DO UPDATE SET training = excluded.training, personal = excluded.personal
    WHERE (r.training, r.personal) <> (excluded.training, excluded.personal)`;
const ALLOW_ALL = `DELETE FROM refusals WHERE catalog_id = ${CATALOG} AND user_key = $2`;

interface PutOptions {
  readonly beforeCommit?: BeforeCommit | undefined;
  /** The header: the state that the consent has to have. */
  readonly ifMatch?: string | undefined;
}

/** What users allow. Only who has said no to something has a row. */
export class ConsentsRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `user-not-found` */
  async find(catalogId: string, userId: string): Promise<Consent> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<Consent>(FIND, [catalogId, userId]),
    );
    if (!rows[0]) throw userNotFound(userId);
    return rows[0];
  }

  /**
   * Of a user whom the catalog does not know as well.
   *
   * @throws DomainError `precondition-failed`
   */
  put(
    catalogId: string,
    userId: string,
    consent: Consent,
    { beforeCommit, ifMatch }: PutOptions = {},
  ): Promise<ChangedPerson> {
    return this.database.sqlTransactionOnce((client) =>
      changePerson(client, { catalogId, userId, beforeCommit }, async (userKey, created) => {
        const whose = [catalogId, userKey] as const;
        if (ifMatch !== undefined)
          requireMatch(ifMatch, created ? null : await findEtag(client, whose), 'consent');
        return putConsent(client, whose, consent);
      }),
    );
  }
}

type Whose = readonly [catalogId: string, userKey: number];

async function findEtag(client: PoolClient, whose: Whose): Promise<string> {
  const { rows } = await client.query<Consent>(FIND_BY_KEY, [...whose]);
  return etagOfConsent(rows[0]!);
}

/** @returns whether it has changed */
async function putConsent(
  client: PoolClient,
  whose: Whose,
  { training, personal }: Consent,
): Promise<boolean> {
  const { rowCount } =
    training && personal
      ? await client.query(ALLOW_ALL, [...whose])
      : await client.query(REFUSE, [...whose, !training, !personal]);
  return rowCount !== 0;
}
