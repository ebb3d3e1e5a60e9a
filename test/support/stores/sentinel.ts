import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, REDIS_SERVER } from '../redis.js';

/** A Sentinel that decides by itself, within a second. */
export class TestSentinel {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @param tls the flags by which it speaks nothing but TLS */
  static async start(
    primary: { readonly name: string; readonly port: number },
    tls: readonly string[] = [],
  ): Promise<TestSentinel> {
    const port = await findFreePort();
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `sentinel monitor ${primary.name} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${primary.name} 500`,
      `sentinel failover-timeout ${primary.name} 3000`,
    ];
    writeFileSync(file, lines.join('\n'));
    const ports =
      tls.length === 0 ? ['--port', String(port)] : ['--port', '0', '--tls-port', String(port), ...tls];
    const child = spawn(REDIS_SERVER, [file, '--sentinel', ...ports], { stdio: 'ignore' });
    return new TestSentinel(child, folder, port);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
    rmSync(this.folder, { recursive: true });
  }
}
