/** Longer than a first training takes. */
const LIFE_MS = 24 * 3_600_000;

/**
 * Lends a key for the calls of a start where the service asks for one, and null where it does not. It is
 * revoked at the end.
 */
export async function withStartKey(env, work) {
  const { AuditedKeysRepository, Database } = await import('../../dist/libs/data/src/index.js');
  const { isOpenWithoutKeys, loadEnvironment } = await import('../../dist/libs/config/src/index.js');
  const database = Database.connect(env.DATABASE_URL);
  const keys = new AuditedKeysRepository(database, 'npm start');
  try {
    const isOpen =
      isOpenWithoutKeys(loadEnvironment(env)) && (await keys.findPage(null, 1)).items.length === 0;
    if (isOpen) return await work(null);
    const expiresAt = new Date(Date.now() + LIFE_MS);
    const made = await keys.make({ name: 'npm start', scopes: ['read', 'train'], catalogs: null, expiresAt });
    return await work(made.token).finally(() => keys.revoke(made.key.id));
  } finally {
    await database.close();
  }
}
