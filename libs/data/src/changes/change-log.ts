import { Sequence } from '#domain';
import type { Database } from '../connection/database.js';
import { withTransaction } from './catalog-change.js';
import type { ToldChange } from './told-changes.js';

/** A reader that was away for longer may have missed what is deleted already. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** How many rounds of pruning a change is kept, at the least. */
const KEPT_ROUNDS = 10;
/** A connection that went silent never answers. The pool drops it then, so the next read is on another. */
const ANSWER_LIMIT_MS = 1_000;

/** Another server, or the same one started anew, may know nothing of a snapshot. */
const NOW = `extract(epoch FROM pg_postmaster_start_time())::text AS server, pg_current_snapshot()::text AS snapshot`;

/**
 * Everything that has committed since snapshot $1, whenever it began: numbers of rows are handed out in
 * another order than they are committed. Transactions of the future are of another server, from which
 * the database was copied.
 */
const READ_SINCE = `SELECT ${NOW}, ARRAY(SELECT ${withTransaction('change', 'xid')} FROM catalog_changes
    WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND xid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot) ORDER BY id) AS changes`;
/** Fails where there is no such table yet. */
const FIRST_READ = `SELECT ${NOW}, (SELECT xid FROM catalog_changes LIMIT 1)`;

interface Answer {
  readonly server: string;
  readonly snapshot: string;
  readonly changes?: readonly ToldChange[];
}

/** What was committed until the last read. */
interface Position extends Omit<Answer, 'changes'> {
  /** When it was asked for. */
  readonly at: number;
}

/** Committed changes of all catalogs, for a process that may not be told of them. */
export class ChangeLog {
  readonly #reads = new Sequence();
  #position: Position | null = null;
  /** Oldest transaction that ran at each of the last rounds; what is older had committed by then. */
  readonly #horizons: string[] = [];

  constructor(private readonly database: Database) {}

  /**
   * What was committed since the last read, which may have failed meanwhile.
   *
   * @returns null when it begins anew: what was committed before is to be read elsewhere
   */
  read(): Promise<readonly ToldChange[] | null> {
    return this.#reads.run(() => this.#read());
  }

  /** From now on nothing is missed. */
  async begin(): Promise<void> {
    await this.#reads.run(async () => {
      if (this.#since(performance.now()) === null) await this.#read();
    });
  }

  async #read(): Promise<readonly ToldChange[] | null> {
    const at = performance.now();
    const since = this.#since(at);
    const [text, values] = since === null ? [FIRST_READ, []] : [READ_SINCE, [since.snapshot]];
    const query = { text, values, query_timeout: ANSWER_LIMIT_MS };
    const { rows } = await this.database.pool.query<Answer>(query);
    const { server, snapshot, changes } = rows[0]!;
    this.#position = { server, snapshot, at };
    return since?.server === server ? (changes ?? null) : null;
  }

  #since(now: number): Position | null {
    return this.#position && now - this.#position.at <= LONGEST_PAUSE_MS ? this.#position : null;
  }

  /** To be called in rounds. Deletes what had committed some rounds ago. */
  async prune(): Promise<void> {
    const oldest = this.#horizons.length < KEPT_ROUNDS ? '0' : this.#horizons.shift();
    const { rows } = await this.database.pool.query<{ horizon: string }>(
      `WITH gone AS (DELETE FROM catalog_changes WHERE xid < ($1::text)::xid8)
       SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon`,
      [oldest],
    );
    if (rows[0]) this.#horizons.push(rows[0].horizon);
  }
}
