import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema, loadEnvironment } from './env.js';

const DATABASE_URL = 'postgresql://user:secret@127.0.0.1:5432/db';

describe('the environment', () => {
  it('has a default for everything but the database', () => {
    expect(loadEnvironment({ DATABASE_URL })).toMatchObject({ HOST: '127.0.0.1', PORT: 3000, REDIS_URL: '' });
  });

  it('names what is wrong and never its value', () => {
    const load = () => loadEnvironment({ DATABASE_URL: 'mysql://user:secret@host/db', PORT: 'secret' });
    expect(load).toThrow(/DATABASE_URL[^]*PORT/);
    expect(load).not.toThrow(/secret/);
  });

  it('takes an address of IPv6 with brackets or without', () => {
    expect(loadEnvironment({ DATABASE_URL, HOST: '[::1]' }).HOST).toBe('::1');
    expect(loadEnvironment({ DATABASE_URL, HOST: '::1' }).HOST).toBe('::1');
  });

  it('takes an address of IPv6 with brackets or without', () => {
    expect(loadEnvironment({ DATABASE_URL, HOST: '[::1]' }).HOST).toBe('::1');
    expect(loadEnvironment({ DATABASE_URL, HOST: '::1' }).HOST).toBe('::1');
  });

  it('is listed in .env.example, with what each variable means', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8');
    for (const [name, schema] of Object.entries(environmentSchema.shape)) {
      expect(text).toMatch(
        new RegExp(`# ${schema.description!.replace(/[.*+?^$()|]/g, '\\$&')}\\n(# )?${name}=`),
      );
    }
  });
});
