import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { parseDatabaseUrl } from '#config';
import { CHANGE_CHANNEL, PROBE_CHANNEL } from '../changes/catalog-change.js';
import type { Database } from './database.js';
import { encodeProcess, ownProcess } from './process-name.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** For each statement: a connection that went silent answers none. */
const ANSWER_LIMIT_MS = 3_000;
/** A notification is there within milliseconds; one that is not after this time does not come. */
const HEAR_LIMIT_MS = 3_000;

/**
 * One connection that listens, and can tell whether it hears: behind a pooler that lends connections for a
 * transaction it does not.
 */
export class ListenConnection {
  #probe = { token: '', heard: (): void => undefined };

  private constructor(
    private readonly client: pg.Client,
    private readonly socket: Socket,
    /** Resolves when the connection is gone. */
    readonly lost: Promise<void>,
  ) {}

  /** @param onPayload gets what comes once it is told to `listen` */
  static async open(url: string, onPayload: (payload: string) => void): Promise<ListenConnection> {
    const { connectionString } = parseDatabaseUrl(url);
    const socket = new Socket();
    const client = new pg.Client({
      connectionString,
      application_name: encodeProcess(ownProcess()),
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_LIMIT_MS,
      stream: () => socket,
    });
    const lost = new Promise<void>((resolve) =>
      client.on('error', () => resolve()).on('end', () => resolve()),
    );
    const connection = new ListenConnection(client, socket, lost);
    client.on('notification', ({ payload = '' }) => {
      if (payload === connection.#probe.token) connection.#probe.heard();
      else if (payload.startsWith('{')) onPayload(payload);
    });
    try {
      await client.connect();
      await connection.#listen(PROBE_CHANNEL);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  /**
   * Whether a notification that another connection sends arrives here.
   *
   * @throws Error when it could not be sent
   */
  async hears(database: Database): Promise<boolean> {
    const token = randomUUID();
    const heard = new Promise<boolean>((resolve) => {
      this.#probe = { token, heard: () => resolve(true) };
    });
    await database.pool.query(`SELECT pg_notify(${PROBE_CHANNEL}, $1)`, [token]);
    const limit = new AbortController();
    const tooLate = this.#isLate(limit.signal).catch(() => false);
    const answer = await Promise.race([heard, tooLate, this.lost.then(() => false)]);
    limit.abort();
    return answer;
  }

  /**
   * On a busy machine the time may be over before this process has read anything: what had arrived comes
   * before the answer of a query.
   */
  async #isLate(signal: AbortSignal): Promise<false> {
    await delay(HEAR_LIMIT_MS, undefined, { signal });
    await Promise.race([this.client.query('SELECT 1'), delay(HEAR_LIMIT_MS, undefined, { signal })]);
    return false;
  }

  async listen(): Promise<void> {
    await this.#listen(CHANGE_CHANNEL);
  }

  /** Does not wait for an answer, which a connection that is half open never gives. */
  close(): void {
    // Behind a pooler it is the server's connection that would go on listening.
    this.client.query('UNLISTEN *').catch(() => undefined);
    this.client.end().catch(() => undefined);
    this.socket.destroySoon();
  }

  async #listen(channel: string): Promise<void> {
    const { rows } = await this.client.query<{ name: string }>(`SELECT ${channel} AS name`);
    await this.client.query(`LISTEN ${pg.escapeIdentifier(rows[0]?.name ?? '')}`);
  }
}
