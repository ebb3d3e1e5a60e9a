import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './http.js';
import { waitFor } from './processes.js';
import { findFreePort } from './redis.js';

/** Path of an nginx binary; empty where there is none. */
export const NGINX = process.env['TEST_NGINX'] ?? '';
const SITE = join(import.meta.dirname, '../../docker/nginx/sparserec.conf');

/** `describe` where there is an nginx to run, else a skipped one whose title says why. */
export function describeWithNginx(title: string, body: () => void): void {
  if (NGINX === '') describe.skip(`${title} (skipped: TEST_NGINX is not set)`, body);
  else describe(title, body);
}

/** An nginx with the site of docker/nginx, in front of two processes. */
export class TestNginx {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  #child: ChildProcess | null = null;

  /** @param servers their ports */
  private constructor(
    private readonly port: number,
    private readonly servers: readonly [number, number],
  ) {
    chmodSync(this.#folder, 0o755);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(servers: readonly [number, number]): Promise<TestNginx> {
    const nginx = new TestNginx(await findFreePort(), servers);
    nginx.#write([]);
    nginx.#child = spawn(NGINX, nginx.#arguments, { stdio: 'ignore' });
    const isAnswering = () => call(nginx.url).catch(() => null);
    await waitFor('nginx to answer', isAnswering);
    return nginx;
  }

  /** Sends nobody to these ports any more, as docs/operations.md says. */
  async takeOut(ports: readonly number[]): Promise<void> {
    this.#write(ports);
    const before = this.#workers();
    spawnSync(NGINX, [...this.#arguments, '-s', 'reload']);
    await waitFor('the workers of before to end', () =>
      this.#workers().every((pid) => !before.includes(pid)),
    );
  }

  async stop(): Promise<void> {
    const exited = once(this.#child!, 'exit');
    this.#child!.kill('SIGTERM');
    await exited;
    rmSync(this.#folder, { recursive: true });
  }

  get #arguments(): string[] {
    return ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf'), '-e', 'stderr'];
  }

  #workers(): string[] {
    return spawnSync('pgrep', ['-P', String(this.#child!.pid)], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean);
  }

  /** @param out ports that are marked as `down` */
  #write(out: readonly number[]): void {
    const place = (port: number) => `127.0.0.1:${port}${out.includes(port) ? ' down' : ''}`;
    const site = readFileSync(SITE, 'utf8')
      .replace('127.0.0.1:3000', place(this.servers[0]))
      .replace('127.0.0.1:3001', place(this.servers[1]))
      .replace('listen 80;', `listen 127.0.0.1:${this.port};`);
    writeFileSync(join(this.#folder, 'site.conf'), site);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${name};`,
    );
    writeFileSync(
      join(this.#folder, 'nginx.conf'),
      `daemon off; worker_processes 1; pid nginx.pid; events {} http { access_log off; ${paths.join(' ')} include site.conf; }`,
    );
  }
}
