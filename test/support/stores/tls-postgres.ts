import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Certificates } from './certificates.js';

const SERVERS = join(import.meta.dirname, '../../../scripts/lib/servers.mjs');

/** A PostgreSQL of its own that also speaks TLS. */
export class TlsPostgres {
  private constructor(
    private readonly child: ChildProcess,
    /** Without TLS. */
    readonly plainUrl: string,
    readonly url: string,
    readonly client: pg.Client,
  ) {}

  /** @param folder for its data, and of the certificates */
  static async start(folder: string, { ca, cert, key }: Certificates): Promise<TlsPostgres> {
    const child = fork(SERVERS, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.send({ folder, postgres: true, redis: false, durable: false });
    const [{ postgresUrl: plainUrl }] = (await once(child, 'message')) as [{ readonly postgresUrl: string }];
    // The server refuses a key that others may read, and runs as another user than root.
    const { uid, gid } = statSync(join(folder, 'postgres'));
    chownSync(key, uid, gid);
    chmodSync(key, 0o600);
    const client = new pg.Client({ connectionString: plainUrl });
    await client.connect();
    for (const [name, value] of [
      ['ssl_cert_file', cert],
      ['ssl_key_file', key],
      ['ssl', 'on'],
    ] as const)
      await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await client.query('SELECT pg_reload_conf()');
    return new TlsPostgres(child, plainUrl, `${plainUrl}?sslmode=verify-full&sslrootcert=${ca}`, client);
  }

  async stop(): Promise<void> {
    await this.client.end();
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
