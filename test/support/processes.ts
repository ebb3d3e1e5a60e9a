import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const REPOSITORY = join(import.meta.dirname, '../..');
const POLL_MS = 50;
const DEFAULT_LIMIT_MS = 30_000;

/** Polls until `condition` gives something other than false, null or undefined, and returns it. */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T> | T,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms for ${what}.`);
    await delay(POLL_MS);
  }
}

/** One line of a process's log. */
export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

export type TestEnvironment = Readonly<Record<string, string>>;

/** A real process of the service, from `dist`. */
export class ServiceProcess {
  readonly log: LogLine[] = [];
  private errorOutput = '';
  private readonly child: ChildProcess;

  /** @param entry path below `dist`, e.g. `apps/worker/src/main.js` */
  constructor(entry: string, environment: TestEnvironment) {
    const file = join(REPOSITORY, 'dist', entry);
    if (!existsSync(file)) throw new Error(`dist/${entry} is missing: run \`npm run build\` first.`);
    this.child = spawn(process.execPath, ['--experimental-wasm-relaxed-simd', file], {
      cwd: REPOSITORY,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (this.child.stdout !== null)
      createInterface({ input: this.child.stdout }).on('line', (line) => this.keep(line));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errorOutput += chunk.toString()));
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The first logged event with this name, from `since` on, that satisfies `matches`. */
  async waitForEvent(
    event: string,
    matches: (line: LogLine) => boolean = () => true,
    { since = 0, limitMs = DEFAULT_LIMIT_MS }: { since?: number; limitMs?: number } = {},
  ): Promise<LogLine> {
    const find = () => this.log.slice(since).find((line) => line.event === event && matches(line));
    return waitFor(
      `the event ${event}`,
      () => {
        const line = find();
        if (line === undefined && this.hasExited) throw new Error(this.describe(`exited before ${event}`));
        return line;
      },
      limitMs,
    ).catch((error: unknown) => {
      throw new Error(this.describe(`did not log ${event}`), { cause: error });
    });
  }

  /** Resolves with the exit code once the process is gone; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (!this.hasExited) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    if (!this.hasExited) this.child.kill(signal);
    return this.exited();
  }

  private keep(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine);
    } catch {
      this.log.push({ event: 'unparsed', level: 'error', line });
    }
  }

  /** The end of its log, for a failing test's message. */
  describe(what: string): string {
    const lines = this.log.slice(-20).map((line) => JSON.stringify(line));
    return [`The process ${what}.`, ...lines, this.errorOutput].join('\n');
  }
}
