import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor, type TestEnvironment } from '../../support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
export const LIMIT_MS = 120_000;

export interface LauncherOptions {
  readonly checkout?: string;
  readonly args?: readonly string[];
}

/** `npm start` with a state folder and a port of its own. */
export class Launcher {
  output = '';
  readonly child: ChildProcess;

  constructor(
    home: string,
    port: number,
    environment: TestEnvironment = {},
    { checkout = ROOT, args = [] }: LauncherOptions = {},
  ) {
    this.child = spawn(process.execPath, [join(checkout, 'scripts/start.mjs'), ...args], {
      cwd: checkout,
      env: { PATH: process.env['PATH'], SPARSEREC_HOME: home, PORT: String(port), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
  }

  async ready(): Promise<void> {
    await waitFor(
      'the launcher',
      () => {
        if (this.child.exitCode !== null) throw new Error(this.output);
        return this.output.includes('Ready in');
      },
      LIMIT_MS,
    );
  }

  /** The process of an app that it started. */
  pidOf(app: 'api' | 'worker'): number {
    const processes = execFileSync('ps', ['-eo', 'ppid=,pid=,args='], { encoding: 'utf8' });
    const own = new RegExp(`^ *${this.child.pid} +(\\d+) .*dist/programs/${app}.js`, 'm');
    return Number(own.exec(processes)![1]);
  }

  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.exitCode();
  }

  /** Pasted lines with their printed answers. */
  get calls(): { command: string; answer: string }[] {
    return [...this.output.matchAll(/^(curl .*)\n(\{.*\})$/gm)].map(([, command, answer]) => ({
      command: command!,
      answer: answer!,
    }));
  }
}

/** A folder that PostgreSQL's own user may enter. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'sparserec-start-'));
  chmodSync(home, 0o755);
  return home;
}

/** Command lines in which a text stands. */
export function processesWith(text: string): string[] {
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return processes.filter((line) => line.includes(text));
}
