import { environmentSchema, loadSettings } from './env.js';

const CANARY = 'canary-5f2a';
/** Names of what often has a password or a token in it. */
const SUSPICIOUS = /URL|PASSWORD|SECRET|TOKEN|HEADERS|CREDENTIAL|_KEY$/;
/** Those that have none all the same. */
const HARMLESS = ['PUBLIC_URL'];

describe('the settings in force', () => {
  it('never have the value of a secret, whichever variables are suspicious by their names', () => {
    const given = Object.fromEntries(
      Object.keys(environmentSchema.shape)
        .filter((name) => SUSPICIOUS.test(name) && !HARMLESS.includes(name))
        .map((name) => [name, `redis://user:${CANARY}@host`]),
    );
    expect(Object.keys(given).length).toBeGreaterThan(4);
    const settings = loadSettings(given);
    expect(JSON.stringify(settings)).not.toContain(CANARY);
    expect(settings.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual(Object.keys(given));
    for (const { isSecret, isDefault, value } of settings)
      if (isSecret) expect([isDefault, value]).toEqual([false, null]);
  });

  it('have every variable with its meaning, and its default where none was given', () => {
    const settings = loadSettings({ PORT: '3001', TRUST_PROXY: '2' });
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(environmentSchema.shape));
    const of = (wanted: string) => settings.find(({ name }) => name === wanted);
    expect(of('PORT')).toMatchObject({ value: '3001', isDefault: false });
    expect(of('HOST')).toMatchObject({ value: '127.0.0.1', isDefault: true, isSecret: false });
    expect(of('TRUST_PROXY')?.value).toBe('2');
    expect(of('USER_CACHE_SECONDS')?.value).toBe('86400');
    expect(of('KEY_CALLS_PER_SECOND')?.value).toBe('5000');
    expect(of('REDIS_URL')).toMatchObject({ value: null, isSecret: true, isDefault: true });
    for (const { description } of settings) expect(description).not.toBe('');
  });
});
