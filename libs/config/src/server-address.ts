/** The schema that Prisma takes where an address names none. */
export const DEFAULT_SCHEMA = 'public';

const ENCODE =
  'percent-encode special characters of user name and password: %40 for @, %2F for /, %3A for :, %3F for ?, %23 for #, %25 for %';
/** In their values an @ may stand as it is. */
const MAY_HOLD_AT = new Set(['user', 'password', 'options', 'application_name']);
/** Room is left for what BullMQ's schema adds to the name. */
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_]{0,49}$/;

/** An address as it is given to node-postgres, and the schema in which everything is. */
export interface DatabaseAddress {
  readonly connectionString: string;
  readonly schema: string;
}

/**
 * What is wrong with an address of PostgreSQL and how to mend it, in words that hold no piece of it; null
 * when it is well formed.
 */
export function faultOfDatabaseUrl(text: string): string | null {
  const fault = faultOfUrl(text, /^postgres(ql)?:$/, 'postgresql://user:password@host:5432/database');
  if (fault !== null) return fault;
  const schema = new URL(text).searchParams.get('schema') ?? DEFAULT_SCHEMA;
  if (SCHEMA.test(schema)) return null;
  return 'write a schema of up to 50 letters, digits and _, the first of them no digit';
}

/** The same for an address of Redis. */
export function faultOfRedisUrl(text: string): string | null {
  const fault = faultOfUrl(text, /^rediss?:$/, 'redis://user:password@host:6379');
  if (fault !== null) return fault;
  if (/^\/?\d*$/.test(new URL(text).pathname)) return null;
  return `end it after the port, or with the number of a database such as /1; ${ENCODE}`;
}

/** Puts the schema of a well-formed address into the options with which a connection begins. */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = new URL(text);
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  url.searchParams.delete('schema');
  // Poolers refuse options, and do not need any for the schema that is there by default.
  if (schema !== DEFAULT_SCHEMA) {
    const options = url.searchParams.get('options') ?? '';
    url.searchParams.set('options', `${options} -c search_path="${schema}"`.trim());
  }
  return { connectionString: url.href, schema };
}

/** The address for what has no tables, or brings a schema of its own. */
export function withoutSchema(text: string): string {
  const url = new URL(text);
  for (const name of ['schema', 'options']) url.searchParams.delete(name);
  return url.href;
}

/** The address without a pooler where there is one, with the same schema. */
export function directDatabaseUrl({
  DATABASE_URL,
  DIRECT_DATABASE_URL = '',
}: {
  readonly DATABASE_URL: string;
  readonly DIRECT_DATABASE_URL?: string;
}): string {
  if (DIRECT_DATABASE_URL === '') return DATABASE_URL;
  const url = new URL(DIRECT_DATABASE_URL);
  url.searchParams.set('schema', parseDatabaseUrl(DATABASE_URL).schema);
  return url.href;
}

/** A special character in a password shifts what follows it into another part of the address. */
function faultOfUrl(text: string, protocol: RegExp, example: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocol.test(url.protocol)) return `write it as ${example}; ${ENCODE}`;
  const parameters = [...url.searchParams];
  const isShifted =
    text.includes('#') ||
    /@|.\//.test(url.pathname) ||
    parameters.some(
      ([name, value]) => !/^\w+$/.test(name) || (value.includes('@') && !MAY_HOLD_AT.has(name)),
    );
  const isDecodable = [url.username, url.password, url.hostname, url.pathname].every(canDecode);
  return isShifted || !isDecodable ? ENCODE : null;
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
