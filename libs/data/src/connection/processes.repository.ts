import type { Database } from './database.js';
import {
  decodeProcess,
  encodeProcess,
  ownProcess,
  PROCESS_PREFIX,
  type ServiceProcess,
} from './process-name.js';

const FIND = `SELECT DISTINCT application_name AS name FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE $1`;
const VERSION = `SELECT current_setting('server_version') AS version`;

/** Each process of the service has a connection that listens, and is known by its name. */
export class ProcessesRepository {
  constructor(private readonly database: Database) {}

  /** Those of this database, and this one in any case, the oldest first. */
  async findAll(): Promise<readonly ServiceProcess[]> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ name: string }>(FIND, [`${PROCESS_PREFIX} %`]),
    );
    const names = new Set([...rows.map(({ name }) => name), encodeProcess(ownProcess())]);
    const found = [...names].flatMap((name) => decodeProcess(name) ?? []);
    return found.sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
  }

  async findServerVersion(): Promise<string> {
    const { rows } = await this.database.run(() => this.database.pool.query<{ version: string }>(VERSION));
    return rows[0]!.version;
  }
}
