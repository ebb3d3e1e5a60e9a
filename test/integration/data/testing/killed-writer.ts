import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../../support/processes.js';
import type { TestData } from './test-data.js';

const PROCESS = join(import.meta.dirname, 'writing-process.mjs');
/** Connections of processes that write. */
const WRITING = `application_name = 'writing' AND datname = current_database()`;
const HOLD_FUNCTION = `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
  BEGIN PERFORM pg_advisory_xact_lock_shared(43, TG_ARGV[0]::int); RETURN NULL; END $$`;
/** At any time within it. */
const ANY_TIME_MS = 30;

/** A write as `writing-process.mjs` knows it. */
export interface KilledWrite {
  readonly write: string;
  readonly catalogId: string;
}

export interface KillOptions {
  /** Ends the connection too, instead of letting its statement go on. */
  readonly cuts: boolean;
  readonly flags?: readonly string[];
}

export interface KilledWriterOptions {
  /** After which it can be killed, as triggers name them. */
  readonly statements: readonly string[];
  /** Of which every write makes one, so that its commit can be held. */
  readonly commits: readonly string[];
  readonly random: () => number;
}

/**
 * Writes in a process of its own, which is killed at a named step: after a statement on a table, at the
 * commit, or at any time.
 */
export class KilledWriter {
  readonly steps: readonly string[];
  readonly #children = new Set<ChildProcess>();

  constructor(
    private readonly data: TestData,
    private readonly options: KilledWriterOptions,
  ) {
    this.steps = [...options.statements, 'commit', 'any time'];
  }

  async prepare(): Promise<void> {
    const { server } = this.data;
    const { statements, commits } = this.options;
    await server.query(HOLD_FUNCTION);
    for (const [n, statement] of statements.entries())
      await server.query(
        `CREATE TRIGGER hold_${n} AFTER ${statement} FOR EACH STATEMENT EXECUTE FUNCTION hold(${n})`,
      );
    for (const statement of commits)
      await server.query(`CREATE CONSTRAINT TRIGGER hold_commit AFTER ${statement}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold(${statements.length})`);
  }

  /** Kills a process while it is at the step of the write. */
  async killAt(step: string, write: KilledWrite, { cuts, flags = [] }: KillOptions): Promise<void> {
    const { server } = this.data;
    const child = await this.#start(flags);
    const isAnyTime = step === 'any time';
    if (!isAnyTime) await server.query('SELECT pg_advisory_lock(43, $1)', [this.steps.indexOf(step)]);
    child.stdin!.write(`${JSON.stringify(write)}\n`);
    if (isAnyTime) await delay(this.options.random() * ANY_TIME_MS);
    else await waitFor(step, async () => (await this.#count("wait_event = 'advisory'")) === 1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (cuts) await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${WRITING}`);
    await server.query('SELECT pg_advisory_unlock_all()');
    await waitFor('the connections to end', async () => (await this.#count('true')) === 0);
  }

  /** Ends what a test that failed has left. */
  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #count(where: string): Promise<number> {
    return this.data.count('pg_stat_activity', `${WRITING} AND ${where}`);
  }

  async #start(flags: readonly string[]): Promise<ChildProcess> {
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: this.data.server.url,
      PGAPPNAME: 'writing',
    };
    const child = spawn(process.execPath, [PROCESS, ...flags], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    await once(child.stdout, 'data');
    return child;
  }
}
