import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { waitFor } from './processes.js';
import { findFreePort } from './redis.js';

/** Path of a pgbouncer binary; empty where there is none. */
export const PGBOUNCER = process.env['TEST_PGBOUNCER'] ?? '';

/** `describe` where there is a PgBouncer to run, else a skipped one whose title says why. */
export function describeWithPgBouncer(title: string, body: () => void): void {
  if (PGBOUNCER === '') describe.skip(`${title} (skipped: TEST_PGBOUNCER is not set)`, body);
  else describe(title, body);
}

/**
 * A PgBouncer that lends a connection for one transaction, and the connections in turn:
 * each statement finds another.
 */
export class TestPgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** Address of the same database behind it. */
    readonly url: string,
  ) {}

  /** @param settings lines of pgbouncer.ini beside the usual ones */
  static async start(databaseUrl: string, settings: readonly string[] = []): Promise<TestPgBouncer> {
    const [server, port] = [new URL(databaseUrl), await findFreePort()];
    const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    chmodSync(folder, 0o755);
    const users = join(folder, 'users.txt');
    writeFileSync(users, `"${server.username}" "${server.password}"\n`);
    const lines = [
      '[databases]',
      `* = host=${server.hostname} port=${server.port}`,
      '[pgbouncer]',
      ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir ='],
      ...['auth_type = plain', `auth_file = ${users}`],
      ...['pool_mode = transaction', 'server_round_robin = 1', 'min_pool_size = 4', 'default_pool_size = 12'],
      ...settings,
    ];
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, lines.join('\n'));
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn(PGBOUNCER, [...user, file], { stdio: 'ignore' });
    const url = Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href;
    const pooler = new TestPgBouncer(child, folder, url);
    await waitFor('PgBouncer to answer', () => isAnswering(url)).catch(async (error: unknown) => {
      await pooler.stop();
      throw error;
    });
    return pooler;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function isAnswering(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
