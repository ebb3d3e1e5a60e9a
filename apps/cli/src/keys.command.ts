import { Command, InvalidArgumentError, Option } from 'commander';
import { faultOfOrigins, parseOrigins } from '#config';
import { AuditedKeysRepository, type MadeApiKey, type NewApiKey } from '#data';
import {
  hasAtMost,
  isName,
  KEY_OVERLAP_SECONDS,
  LIMITS,
  MAX_CALLS_PER_SECOND,
  NAME_RULE,
  SCOPES,
  type ApiKey,
  type Scope,
} from '#domain';
import { withDatabase } from './database-option.js';

interface DatabaseOptions {
  readonly database?: string;
  readonly json?: true;
}

interface CreateOptions extends DatabaseOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly catalogs?: readonly string[];
  readonly browser?: true;
  readonly origins?: readonly string[];
  readonly callsPerSecond?: number;
  readonly expiresInDays?: number;
}

const HELP = `
Calls of the service need no key on loopback until the first one is made, and then for good. A key is sent as
"Authorization: Bearer KEY". These commands write to the database of the service, which hears of it at once. The audit log has each change.

Scopes: read (lists, items, models), write (interactions, items), people (what a person did, and why a list is as it is), train (runs, schedules, activations), metrics (GET /metrics), admin (everything).
docs/security.md has the scope of each call.

A key for pages (--browser) may be shipped in a page, where anybody can read it: it makes a few calls that read, and
only from pages of its origins.

Examples:
  npm run -s sparserec -- keys create --name admin --scopes admin
  npm run -s sparserec -- keys create --name shop --scopes read,write --catalogs shop --expires-in-days 90
  npm run -s sparserec -- keys create --name "shop page" --browser --origins https://shop.example --catalogs shop
  npm run -s sparserec -- keys list
  npm run -s sparserec -- keys rotate ID --overlap-seconds 3600
  npm run -s sparserec -- keys revoke ID
`;
const DAY_MS = 86_400_000;

export function keysCommand(): Command {
  return new Command('keys')
    .description('keys by which callers of the service are let in')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addCommand(revokeCommand())
    .addHelpText('after', HELP);
}

function withDatabaseOption(command: Command): Command {
  return command
    .addOption(new Option('--database <url>', 'PostgreSQL of the service').env('DATABASE_URL'))
    .option('--json', 'print JSON');
}

function createCommand(): Command {
  return withDatabaseOption(new Command('create'))
    .description('make a key; its token is printed once')
    .requiredOption('--name <text>', 'what it is for', parseKeyName)
    .option('--scopes <scopes>', `of ${SCOPES.join(', ')}, apart by commas`, parseScopes, ['read'])
    .option('--catalogs <names>', 'catalogs that it is for, apart by commas; without it all', parseCatalogs)
    .option('--browser', 'a key for pages, which reads only; with --origins')
    .option('--origins <origins>', 'origins of these pages, apart by commas', parseOriginsOption)
    .option('--calls-per-second <number>', 'that it may make, or each visitor of these pages', parseCalls)
    .option('--expires-in-days <number>', 'without it never', parseDays)
    .action(async (options: CreateOptions, command: Command) => {
      const fault = faultOfPages(options);
      if (fault !== null) command.error(fault);
      print(await withKeys(options, (keys) => keys.make(toNewKey(options))), options);
    });
}

function toNewKey({ name, scopes, expiresInDays, ...options }: CreateOptions): NewApiKey {
  const expiresAt = expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * DAY_MS);
  const { catalogs = null, origins = null, callsPerSecond = null } = options;
  return { name, scopes, catalogs, origins, callsPerSecond, expiresAt };
}

function faultOfPages({ browser, origins, scopes }: CreateOptions): string | null {
  if (!browser && !origins) return null;
  if (!browser || !origins) return '--browser and --origins go together';
  return scopes.join() === 'read' ? null : 'a key for pages has the scope read alone';
}

function rotateCommand(): Command {
  return withDatabaseOption(new Command('rotate'))
    .description('make a key that may do the same; the old one expires after the overlap')
    .argument('<id>', 'id of the old key')
    .option(
      '--overlap-seconds <number>',
      'how long both are valid',
      parseOverlap,
      KEY_OVERLAP_SECONDS.default,
    )
    .action(async (id: string, options: DatabaseOptions & { readonly overlapSeconds: number }) => {
      print(await withKeys(options, (keys) => keys.rotate(id, options.overlapSeconds)), options);
    });
}

function revokeCommand(): Command {
  return withDatabaseOption(new Command('revoke'))
    .description('let nobody in by a key any more, at once')
    .argument('<id>', 'id of the key')
    .action(async (id: string, options: DatabaseOptions) => {
      await withKeys(options, (keys) => keys.revoke(id));
      process.stdout.write(options.json ? `${JSON.stringify({ id })}\n` : `Revoked the key ${id}\n`);
    });
}

function listCommand(): Command {
  return withDatabaseOption(new Command('list'))
    .description('all keys, the newest first')
    .action(async (options: DatabaseOptions) => {
      const stored = await withKeys(options, (keys) => keys.findAll());
      const keys = stored.map(({ key }) => key);
      if (options.json) process.stdout.write(`${JSON.stringify(keys)}\n`);
      else for (const key of keys) process.stdout.write(`${describe(key)}\n`);
      if (keys.length === 0 && !options.json)
        process.stderr.write('There are no keys yet: a service on loopback asks for none.\n');
    });
}

function withKeys<Result>(
  { database: url }: DatabaseOptions,
  work: (keys: AuditedKeysRepository) => Promise<Result>,
): Promise<Result> {
  return withDatabase(url, (database) => work(new AuditedKeysRepository(database, 'sparserec keys')));
}

function print({ key, token }: MadeApiKey, { json }: DatabaseOptions): void {
  if (json) process.stdout.write(`${JSON.stringify({ ...key, token })}\n`);
  else {
    process.stderr.write(`Made the key ${describe(key)}\nIts token, which is shown only now:\n`);
    process.stdout.write(`${token}\n`);
  }
}

function describe({ id, name, scopes, catalogs, origins, ...key }: ApiKey): string {
  const { callsPerSecond, expiresAt, lastUsedAt, revokedAt } = key;
  const parts = [
    JSON.stringify(name),
    scopes.join(','),
    catalogs?.join(',') ?? 'all catalogs',
    ...(origins ? [`pages of ${origins.join(',')}`] : []),
    ...(callsPerSecond === null ? [] : [`${callsPerSecond} calls a second`]),
    revokedAt ? `revoked ${revokedAt.toISOString()}` : `expires ${expiresAt?.toISOString() ?? 'never'}`,
    `used ${lastUsedAt?.toISOString() ?? 'never'}`,
  ];
  return `${id}  ${parts.join('  ')}`;
}

function parseKeyName(text: string): string {
  if (text !== '' && hasAtMost(text, LIMITS.keyNameLength)) return text;
  throw new InvalidArgumentError(`write 1 to ${LIMITS.keyNameLength} characters`);
}

function parseScopes(text: string): Scope[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  if (scopes.every((scope): scope is Scope => SCOPES.includes(scope as Scope))) return scopes;
  throw new InvalidArgumentError(`write some of ${SCOPES.join(', ')}, apart by commas`);
}

function parseCatalogs(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every(isName)) return names;
  throw new InvalidArgumentError(NAME_RULE);
}

function parseOriginsOption(text: string): string[] {
  const fault = faultOfOrigins(text);
  if (text === '' || fault !== null) throw new InvalidArgumentError(fault ?? 'write at least one');
  return parseOrigins(text);
}

function parseCalls(text: string): number {
  const calls = Number(text);
  if (Number.isInteger(calls) && calls >= 1 && calls <= MAX_CALLS_PER_SECOND) return calls;
  throw new InvalidArgumentError(`write a whole number from 1 to ${MAX_CALLS_PER_SECOND}`);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= 36_500) return days;
  throw new InvalidArgumentError('write a number of days above 0');
}

function parseOverlap(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= KEY_OVERLAP_SECONDS.max) return seconds;
  throw new InvalidArgumentError(`write a whole number of seconds, ${KEY_OVERLAP_SECONDS.max} at most`);
}
