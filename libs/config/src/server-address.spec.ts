import {
  directDatabaseUrl,
  faultOfDatabaseUrl,
  faultOfRedisUrl,
  parseDatabaseUrl,
  withoutSchema,
} from './server-address.js';

describe('an address of PostgreSQL', () => {
  it.each([
    'postgresql://user:secret@127.0.0.1:5432/db',
    'postgres://user@host/db?sslmode=require&application_name=a@b',
    'postgresql://us%40er:p%2Fa%3As%23s%3F%25@[::1]:5432/db?schema=tenant_A1',
    'postgresql://host/db?user=me@azure&password=x',
    'postgresql:///db?host=/var/run/postgresql',
  ])('may be %s', (url) => expect(faultOfDatabaseUrl(url)).toBeNull());

  it.each(['-x', '1x', 'a b', 'a"b', 'x'.repeat(51), ''])('may not name the schema "%s"', (schema) =>
    expect(faultOfDatabaseUrl(`postgresql://h/db?schema=${encodeURIComponent(schema)}`)).toMatch('schema'),
  );

  it('hands its schema to the connection, beside options of its own', () => {
    const { connectionString, schema } = parseDatabaseUrl(
      'postgresql://h/db?options=-c%20jit=off&schema=Shop',
    );
    expect(schema).toBe('Shop');
    const parameters = new URL(connectionString).searchParams;
    expect([...parameters]).toEqual([['options', '-c jit=off -c search_path="Shop"']]);
  });

  it.each(['postgresql://h/db', 'postgresql://h/db?schema=public'])('is in the schema public: %s', (url) =>
    expect(parseDatabaseUrl(url)).toEqual({ connectionString: 'postgresql://h/db', schema: 'public' }),
  );

  it('without a pooler has the schema of the one with it', () => {
    const environment = {
      DATABASE_URL: 'postgresql://pooler/db?schema=shop',
      DIRECT_DATABASE_URL: 'postgresql://h/db',
    };
    expect(directDatabaseUrl(environment)).toBe('postgresql://h/db?schema=shop');
    expect(directDatabaseUrl({ ...environment, DIRECT_DATABASE_URL: '' })).toBe(environment.DATABASE_URL);
    expect(withoutSchema('postgresql://h/db?schema=shop&options=x&sslmode=require')).toBe(
      'postgresql://h/db?sslmode=require',
    );
  });
});

describe('an address of Redis', () => {
  it.each([
    'redis://127.0.0.1:6379',
    'rediss://user:p%40ss@host:6380/1',
    'redis://:secret@host',
    'redis://host/',
  ])('may be %s', (url) => expect(faultOfRedisUrl(url)).toBeNull());
  it.each(['redis://host/name', 'redis://host/0/1', 'http://host', 'host:6379'])('may not be %s', (url) =>
    expect(faultOfRedisUrl(url)).not.toBeNull(),
  );
});
