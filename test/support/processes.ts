import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const REPOSITORY = join(import.meta.dirname, '../..');
const POLL_MS = 50;
const DEFAULT_LIMIT_MS = 30_000;

/** Processes that shall run until they are killed. */
const kept = new Set<ServiceProcess>();

/** Throws when a process that shall run has ended by itself, with the end of its log. */
export async function assertAllRun(): Promise<void> {
  for (const child of kept) if (child.hasExited) throw new Error(await child.describeEnd());
}

/**
 * Polls until `condition` gives something other than false, null or undefined, and returns it.
 *
 * @throws at once when a process ends that was told to {@link ServiceProcess.keepRunning}
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T> | T,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    await assertAllRun();
    if (Date.now() > deadline) {
      const lastLines = [...kept].map((child) => child.describe('is running'));
      throw new Error([`Waited ${limitMs} ms for ${what}.`, ...lastLines].join('\n'));
    }
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
export type NodeCommand = readonly [string, ...string[]];

/** A real process of the service, from `dist`. */
export class ServiceProcess {
  readonly log: LogLine[] = [];
  #errorOutput = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  /**
   * @param entry path below `dist`, e.g. `programs/worker.js`
   * @param node what runs it, with its flags
   */
  constructor(
    private readonly entry: string,
    environment: TestEnvironment,
    [node, ...flags]: NodeCommand = [process.execPath, ...process.execArgv],
  ) {
    const file = join(REPOSITORY, 'dist', entry);
    if (!existsSync(file)) throw new Error(`dist/${entry} is missing: run \`npm run build\` first.`);
    this.#child = spawn(node, [...flags, file], {
      cwd: REPOSITORY,
      // A machine that many suites share is late without being asked much, and a worker that lets them all go
      // first gets nearly nothing.
      env: { PATH: process.env['PATH'], MAX_DELAY_MS: '0', WORKER_NICENESS: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#keep(line));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errorOutput += chunk.toString()));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(this.describe('was not started'));
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** From now on every wait of this test file fails when the process ends before it is killed. */
  keepRunning(): void {
    kept.add(this);
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

  /**
   * Resolves with the exit code once the process is gone and its whole log is here; null when
   * a signal ended it.
   */
  async exited(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  /** Its children may outlive a SIGKILL, and what they write into its log. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    kept.delete(this);
    if (!this.hasExited) this.#child.kill(signal);
    if (signal !== 'SIGKILL') return this.exited();
    if (!this.hasExited) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  #keep(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine);
    } catch {
      this.log.push({ event: 'unparsed', level: 'error', line });
    }
  }

  /** Of a process that has ended: with what, and all of its last lines, which may be read after its exit. */
  async describeEnd(): Promise<string> {
    await this.#closed;
    const { exitCode, signalCode } = this.#child;
    return this.describe(`ended by itself, ${signalCode ?? `with exit code ${exitCode}`}`);
  }

  /** The end of its log, for a failing test's message. */
  describe(what: string): string {
    const lines = this.log.slice(-20).map((line) => JSON.stringify(line));
    return [`The process ${this.entry} ${what}.`, ...lines, this.#errorOutput].join('\n');
  }
}
