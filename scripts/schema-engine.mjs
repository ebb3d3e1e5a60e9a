#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { parse } from 'pg-connection-string';
const wasm = createRequire(import.meta.url)
  .resolve('@prisma/schema-engine-wasm')
  .replace(/\.js$/, '_bg.wasm');
const { instance } = await WebAssembly.instantiate(readFileSync(wasm), { './schema_engine_bg.js': glue });
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (m) => process.stderr.write(m + '\n') };
glue.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();
const models = [];
let url, cli;
for (let a = process.argv.slice(2), i = 0; i < a.length; i++) {
  if (a[i] === '--datamodels') models.push([a[i + 1], readFileSync(a[++i], 'utf8')]);
  else if (a[i] === '--datasource') url = JSON.parse(a[++i]).url;
  else if (a[i] === 'cli') cli = a[++i];
  else if (a[i].startsWith('--')) i++;
}
// host, port, … and not connectionString: in pg that would win over the shadow database's name
const config = () => {
  const { schema: _schema, ...c } = parse(url);
  return { ...c, port: Number(c.port || 5432) };
};
if (cli) {
  // can-connect-to-database | create-database; the CLI skips the first line of stderr
  const log = (fields, level = 'ERROR') =>
    process.stderr.write(JSON.stringify({ level, fields, target: 'schema_engine::logger' }) + '\n');
  log({ message: 'start' }, 'INFO');
  const { database } = config(),
    c = new pg.Client({ ...config(), ...(cli === 'create-database' && { database: 'postgres' }) });
  try {
    await c.connect();
    if (cli === 'create-database') await c.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
    process.exit(0);
  } catch (e) {
    log({ message: e.message, error_code: e.code === '3D000' ? 'P1003' : 'P1001' });
    process.exit(1);
  }
}
async function patched(adapter) {
  // adapter-pg 7.10 cannot map the catalogue type "char" (oid 18)
  const proto = Object.getPrototypeOf(Object.getPrototypeOf(adapter)),
    queryRaw = proto.queryRaw;
  if (!queryRaw.patched)
    proto.queryRaw = Object.assign(
      async function (q) {
        const r = await this.performIO(q),
          char = r.fields.map((f) => f.dataTypeID === 18 && ((f.dataTypeID = 1042), true));
        const out = await queryRaw.call(Object.create(this, { performIO: { value: async () => r } }), q);
        return {
          ...out,
          columnTypes: out.columnTypes.map((t, i) => (char[i] ? ColumnTypeEnum.Character : t)),
        };
      },
      { patched: true },
    );
  // adapter-pg splits scripts at every semicolon, also within comments; the server knows better
  adapter.executeScript = (script) =>
    adapter.client.query(script).then(
      () => undefined,
      (e) => adapter.onError(e),
    );
  return adapter;
}
class Factory extends PrismaPg {
  async connect() {
    return patched(await super.connect());
  }
  async connectToShadowDb() {
    const admin = await this.connect(),
      database = 'prisma_migrate_shadow_db_' + randomUUID();
    await admin.executeScript(`CREATE DATABASE "${database}"`);
    const shadow = await new Factory({ ...this.config, database }).connect(),
      dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await admin.executeScript(`DROP DATABASE "${database}" WITH (FORCE)`);
      await admin.dispose();
    };
    return shadow;
  }
}
let engine;
const send = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line || '{}');
  if (!method) continue;
  try {
    engine ??= await glue.SchemaEngine.new(
      { datamodels: models.length ? models : undefined },
      () => {},
      bindMigrationAwareSqlAdapterFactory(new Factory(url ? config() : {})),
    );
    const result =
      (await engine[method === 'getDatabaseVersion' ? 'version' : method](params ?? undefined)) ?? {};
    if (method === 'diff' && result.stdout != null)
      send({ id: 1, method: 'print', params: { content: result.stdout } });
    send({ id, result });
  } catch (e) {
    send({
      id,
      error: {
        code: 4466,
        message: e.message,
        data: { is_panic: false, message: e.message, meta: e.meta ?? null, error_code: e.code ?? null },
      },
    });
  }
}
