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

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_TRACES_SAMPLER', 'secret'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ])('refuses %s as %s', (name, value) => {
    const load = () => loadEnvironment({ DATABASE_URL, [name]: value });
    expect(load).toThrow(name);
    expect(load).not.toThrow(/secret/);
  });

  it('takes what the SDK of OpenTelemetry takes', () => {
    const given = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.org/otlp',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(loadEnvironment({ DATABASE_URL, ...given })).toMatchObject(given);
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
