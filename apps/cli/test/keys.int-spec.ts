import { readToken } from '#domain';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { sparserec } from './sparserec.js';

describe('sparserec keys', () => {
  let database: TestDatabase;
  const run = (...args: string[]) => sparserec('keys', ...args, '--database', database.url);
  const json = (...args: string[]) => {
    const { status, stdout, stderr } = run(...args, '--json');
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('makes, lists, rotates and revokes keys, and shows each token once', () => {
    expect(run('list').stderr).toContain('no keys yet');
    const { stdout, stderr } = run('create', '--name', 'admin', '--scopes', 'admin');
    const { id } = readToken(stdout.trim())!;
    expect(stderr).toContain(id);
    expect(stderr).not.toContain(stdout.trim());
    const options = ['--scopes', 'read,write', '--catalogs', 'shop,books', '--expires-in-days', '90'];
    const shop = json('create', '--name', 'shop', ...options);
    expect(shop).toMatchObject({ scopes: ['read', 'write'], catalogs: ['shop', 'books'], revokedAt: null });
    expect(Date.parse(shop.expiresAt) - Date.parse(shop.createdAt)).toBeGreaterThan(89 * 86_400_000);
    expect(json('create', '--name', 'prometheus', '--scopes', 'metrics').scopes).toEqual(['metrics']);
    const next = json('rotate', shop.id, '--overlap-seconds', '60');
    expect(next).toMatchObject({ name: 'shop', scopes: ['read', 'write'], catalogs: ['shop', 'books'] });
    expect(next.token).not.toBe(shop.token);
    expect(run('revoke', id).stdout).toBe(`Revoked the key ${id}\n`);
    const listed = json('list');
    expect(listed.map((key: { id: string }) => key.id)).toEqual([next.id, expect.any(String), shop.id, id]);
    expect(JSON.stringify(listed)).not.toContain('sparserec_');
    expect(listed.at(-1).revokedAt).not.toBeNull();
    expect(run('list').stdout.split('\n')[0]).toContain(
      `${next.id}  "shop"  read,write  shop,books  expires `,
    );
  });

  it('makes keys for pages, and rotates them as such', () => {
    const options = ['--browser', '--origins', 'https://shop.example, http://localhost:5173'];
    const made = json('create', '--name', 'page', ...options);
    const origins = ['https://shop.example', 'http://localhost:5173'];
    expect(made).toMatchObject({ scopes: ['read'], catalogs: null, origins });
    expect(json('rotate', made.id)).toMatchObject({ scopes: ['read'], origins });
    expect(run('list').stdout).toContain(`pages of ${origins.join(',')}`);
    expect(json('create', '--name', 'server')).toMatchObject({ origins: null });
  });

  it('writes each change into the audit log, also one that is refused', async () => {
    const { rows: before } = await database.query('SELECT id FROM audit_log');
    const { id } = json('create', '--name', 'audited');
    const next = json('rotate', id);
    run('revoke', next.id);
    run('revoke', 'nobody');
    run('list');
    const { rows } = await database.query(
      `SELECT key_id, key_name, method, route, address, status FROM audit_log ORDER BY id OFFSET ${before.length}`,
    );
    const of = (method: string, route: string, address: string, status: number) => ({
      ...{ key_id: null, key_name: null, method, route, address, status },
    });
    expect(rows).toEqual([
      of('POST', '/v1/keys', 'sparserec keys', 201),
      of('POST', '/v1/keys/:id/rotate', `sparserec keys ${id}`, 201),
      of('DELETE', '/v1/keys/:id', `sparserec keys ${next.id}`, 204),
      of('DELETE', '/v1/keys/:id', 'sparserec keys nobody', 404),
    ]);
  });

  it('changes nothing that cannot be written into the audit log', async () => {
    const { id } = json('create', '--name', 'kept');
    await database.query('ALTER TABLE audit_log RENAME TO audit_log_away');
    try {
      for (const args of [
        ['create', '--name', 'x'],
        ['rotate', id],
        ['revoke', id],
      ])
        expect([args, run(...args).status === 0]).toEqual([args, false]);
      const [newest] = json('list');
      expect(newest).toMatchObject({ id, expiresAt: null, revokedAt: null });
    } finally {
      await database.query('ALTER TABLE audit_log_away RENAME TO audit_log');
    }
  });

  it.each([
    [['create', '--name', 'x', '--browser'], '--browser and --origins go together'],
    [['create', '--name', 'x', '--origins', 'https://shop.example'], '--browser and --origins go together'],
    [['create', '--name', 'x', '--browser', '--origins', '*'], 'write origins such as'],
    [['create', '--name', 'x', '--browser', '--origins', ''], 'write at least one'],
    [
      ['create', '--name', 'x', '--browser', '--origins', 'https://shop.example', '--scopes', 'write'],
      'a key for pages has the scope read alone',
    ],
    [['create'], "required option '--name <text>' not specified"],
    [
      ['create', '--name', 'x', '--scopes', 'all'],
      'write some of read, write, people, train, metrics, admin',
    ],
    [['create', '--name', 'x', '--catalogs', 'A B'], 'must be 1 to 63 of a-z'],
    [['create', '--name', 'x', '--expires-in-days', '0'], 'write a number of days above 0'],
    [['revoke', 'nobody'], 'There is no valid key "nobody"'],
    [['rotate', '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11'], 'There is no valid key'],
  ])('refuses %j: %s', (args, reason) => {
    const { status, stderr } = run(...args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
