import pg from 'pg';
import {
  DEFAULT_SCHEMA,
  directDatabaseUrl,
  isTlsError,
  parseDatabaseUrl,
  StartError,
  waitForServer,
  withoutSchema,
  type Environment,
  type WaitOptions,
} from '#config';
import { Database } from './database.js';
import { ListenConnection } from './listen-connection.js';

type DatabaseEnvironment = Pick<Environment, 'DATABASE_URL'> & Partial<Environment>;

const CONNECT_TIMEOUT_MS = 2_000;

const REMEDIES = {
  credentials:
    'the server refuses the user name or the password. Correct them; a special character is percent-encoded, such as %40 for @.',
  database: 'the server has no database of this name. Create it, or correct the name.',
  permission: 'the user may not connect to this database. GRANT CONNECT, or name another user.',
  access: 'the server lets nobody in like this: see its pg_hba.conf. Correct user name and TLS (?sslmode=).',
  noTls: 'the server does not speak TLS. Turn it on there, or write ?sslmode=disable.',
  certificate:
    "TLS fails, or the server's certificate is not trusted. Name its authority by ?sslrootcert=FILE, or correct ?sslmode=.",
  file: 'a file that it names for TLS cannot be read. Correct ?sslrootcert=, ?sslcert= and ?sslkey=.',
  options:
    'the pooler takes no schema from here. Set it for the role: ALTER ROLE … IN DATABASE … SET search_path = …, and let the pooler pass over the parameter: ignore_startup_parameters = options in pgbouncer.ini.',
  searchPath:
    'the connection is not in the schema that ?schema= names (public where it names none). Name the one of the role, or set it for the role: ALTER ROLE … IN DATABASE … SET search_path = …',
} as const;

/** SQLSTATE of what waiting does not mend. */
const REMEDY_OF_STATE: Readonly<Record<string, string>> = {
  '28P01': REMEDIES.credentials,
  '28000': REMEDIES.access,
  '3D000': REMEDIES.database,
  '42501': REMEDIES.permission,
};

/** What node-postgres, and PgBouncer under one SQLSTATE for everything, say in words only. */
const REMEDY_OF_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, REMEDIES.noTls],
  [/error establishing an SSL connection/, REMEDIES.noTls],
  [/SSL required/i, REMEDIES.access],
  [/unsupported startup parameter/, REMEDIES.options],
  [/no such database/, REMEDIES.database],
  [/no such user|authentication failed|client password must be|requires a password/, REMEDIES.credentials],
];

/**
 * To be awaited before anything uses the database: resolves when it answers and the settings are right.
 *
 * @throws StartError that names the variable that is wrong, or after the wait for a server that is not up
 */
export async function checkDatabase(
  environment: DatabaseEnvironment,
  options: WaitOptions = {},
): Promise<void> {
  await checkAddress('DATABASE_URL', environment.DATABASE_URL, options);
  const isDirect = (environment.DIRECT_DATABASE_URL ?? '') !== '';
  const directUrl = directDatabaseUrl(environment);
  if (isDirect) await checkAddress('DIRECT_DATABASE_URL', directUrl, options);
  if (environment.REDIS_URL !== '') return;
  const variable = isDirect ? 'DIRECT_DATABASE_URL' : 'DATABASE_URL';
  const isHeard = () => canListen(environment.DATABASE_URL, directUrl);
  if (!(await waitForServer({ name: 'PostgreSQL', variable }, isHeard, explain, options)))
    throw new StartError(
      `${variable}: notifications do not come through, as behind a pooler in transaction mode, and queues in PostgreSQL need them. Set REDIS_URL, or DIRECT_DATABASE_URL to the same database without the pooler.`,
    );
}

async function checkAddress(variable: string, url: string, options: WaitOptions): Promise<void> {
  const { connectionString, schema } = parseDatabaseUrl(url);
  const isInSchema = await waitForServer(
    { name: 'PostgreSQL', variable },
    () => findsSchema(connectionString, schema),
    explain,
    options,
  );
  if (!isInSchema) throw new StartError(`${variable}: ${REMEDIES.searchPath}`);
}

/** Whether tables without a schema's name are looked for in the schema, or would be if it were made. */
async function findsSchema(connectionString: string, schema: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ current: string | null; path: string }>(
      "SELECT current_schema() AS current, current_setting('search_path') AS path",
    );
    const { current = null, path = '' } = rows[0] ?? {};
    const isFirst = [schema, `"${schema}"`].includes(path.split(',')[0]!.trim());
    return current === schema || isFirst || (current === null && schema === DEFAULT_SCHEMA);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explain(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'EACCES') return REMEDIES.file;
  if (isTlsError(error)) return REMEDIES.certificate;
  const known = REMEDY_OF_MESSAGE.find(([pattern]) => pattern.test(error.message));
  return known?.[1] ?? REMEDY_OF_STATE[code] ?? null;
}

/** @throws Error when a connection fails */
async function canListen(url: string, directUrl: string): Promise<boolean> {
  // The schema may not have been made yet.
  const database = Database.connect(withoutSchema(url), { maxConnections: 1 });
  try {
    const connection = await ListenConnection.open(withoutSchema(directUrl), () => undefined);
    return await connection.hears(database).finally(() => connection.close());
  } finally {
    await database.close();
  }
}
