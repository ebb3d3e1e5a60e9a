import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations');
/** The last one that was written before these rules. */
const BEFORE_RULES = '20261130010000_calls_of_keys';

/** Tables that may be large: a statement that reads or writes all of one takes long. */
const LARGE = 'users|items|interactions|late_interactions|attributed_interactions|model_chunks';

/**
 * Statements that processes of the release before would not survive, or that lock them out for as long as a
 * table is large, by the name that an exception gives.
 */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'DROP TABLE': /^DROP TABLE/i,
  'DROP COLUMN': /\bDROP COLUMN/i,
  RENAME: /\bRENAME\b/i,
  'ALTER TYPE': /\bALTER COLUMN \S+ (SET DATA )?TYPE\b/i,
  'SET NOT NULL': /\bSET NOT NULL\b/i,
  'NOT NULL without DEFAULT': /\bADD COLUMN (?![^,]*\bDEFAULT\b)[^,]*\bNOT NULL\b/i,
  'constraint that is checked at once': /\bADD CONSTRAINT (?!.*\b(NOT VALID|USING INDEX)\b)/i,
  'index that locks': /^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY\b)/i,
  'rows of a large table': new RegExp(`(^UPDATE|\\bFROM) (${LARGE})\\b`, 'i'),
  LOCK: /^LOCK\b/i,
};
const EXCEPTION = /^-- Allowed ([^:\n]+): \S+/gm;

/** Statements in one line each, without comments and quotes, but those about tables that the file makes. */
function statementsOf(sql: string): string[] {
  const plain = sql
    .replace(/--.*$/gm, '')
    .replace(/\$\$[^]*?\$\$/g, '$$$$')
    .replace(/"/g, '')
    .replace(/\s+/g, ' ');
  const made = [...plain.matchAll(/CREATE TABLE (\w+)/gi)].map(([, table]) => table!);
  const isAboutMade = (statement: string) =>
    made.some((table) =>
      new RegExp(`^(ALTER TABLE|CREATE (UNIQUE )?INDEX \\w+ ON) ${table}\\b`, 'i').test(statement),
    );
  return plain
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '' && !isAboutMade(statement));
}

/** What of a migration is refused. */
function faultsOf(sql: string): string[] {
  const allowed = new Set([...sql.matchAll(EXCEPTION)].map(([, name]) => name));
  const statements = statementsOf(sql);
  const faults = Object.entries(REFUSED)
    .filter(
      ([name, pattern]) => !allowed.has(name) && statements.some((statement) => pattern.test(statement)),
    )
    .map(([name]) => name);
  const isAlone = statements.length === 1 || !statements.some((one) => /\bCONCURRENTLY\b/i.test(one));
  return isAlone ? faults : [...faults, 'CONCURRENTLY beside another statement'];
}

describe('the rules of migrations', () => {
  const names = readdirSync(MIGRATIONS).filter(
    (name) => name > BEFORE_RULES && name !== 'migration_lock.toml',
  );

  it.each(names)('hold for %s', (name) => {
    expect(faultsOf(readFileSync(join(MIGRATIONS, name, 'migration.sql'), 'utf8'))).toEqual([]);
  });

  it.each([
    ['DROP TABLE', 'DROP TABLE "models";'],
    ['DROP COLUMN', 'ALTER TABLE "models"\n  DROP COLUMN "kind";'],
    ['RENAME', 'ALTER TABLE "models" RENAME COLUMN "kind" TO "sort";'],
    ['ALTER TYPE', 'ALTER TABLE "models" ALTER COLUMN "kind" SET DATA TYPE BYTEA;'],
    ['SET NOT NULL', 'ALTER TABLE "models" ALTER COLUMN "kind" SET NOT NULL;'],
    ['NOT NULL without DEFAULT', 'ALTER TABLE a ADD COLUMN b INT DEFAULT 1, ADD COLUMN c INT NOT NULL;'],
    ['constraint that is checked at once', 'ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0);'],
    ['constraint that is checked at once', 'ALTER TABLE a ADD CONSTRAINT b UNIQUE (c);'],
    ['index that locks', 'CREATE UNIQUE INDEX "a" ON "interactions" ("weight");'],
    ['rows of a large table', 'UPDATE "items" SET "title" = NULL;'],
    ['rows of a large table', 'UPDATE catalogs SET a = (SELECT count(*) FROM "users");'],
    ['LOCK', 'LOCK TABLE users;'],
    ['CONCURRENTLY beside another statement', 'CREATE INDEX CONCURRENTLY a ON b (c); SELECT 1;'],
  ])('refuse %s, unless the file says why', (name, sql) => {
    expect(faultsOf(sql)).toEqual([name]);
    if (name in REFUSED) expect(faultsOf(`-- Allowed ${name}: a reason\n${sql}`)).toEqual([]);
    expect(faultsOf(`-- Allowed ${name}:\n${sql}`)).toEqual([name]);
  });

  it.each([
    'ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT \'\', ADD COLUMN c INT;',
    'ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID;',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "a" ON "interactions" ("weight");',
    'CREATE TABLE "a" ("b" INT NOT NULL); CREATE INDEX "c" ON "a"("b"); ALTER TABLE "a" ADD CONSTRAINT d UNIQUE (b);',
    '-- DROP TABLE would be wrong\nUPDATE "catalogs" SET "user_rows" = 0;',
  ])('let pass %s', (sql) => expect(faultsOf(sql)).toEqual([]));
});
