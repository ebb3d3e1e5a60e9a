import { Database, ImportsRepository, InteractionsRepository } from '#data';
import type { DatedInteraction } from '#domain';
import { createTestDatabase, type TestDatabase } from '../../../support/postgres.js';

/** When {@link interaction} happens, unless it is said. */
export const AT = new Date('2026-01-01T00:00:00.000Z');

export const ITEM = { itemId: 'x', title: 'X', tags: ['a', 'b'], metadata: {}, available: true };

export const SCHEDULE = {
  catalogId: 'default',
  name: 'nightly',
  cron: '0 3 * * *',
  timeZone: 'UTC',
  kind: 'ease',
  parameters: {},
  gate: null,
  enabled: true,
  missed: 'run-once' as const,
};

export const MODEL = {
  catalogId: 'default',
  kind: 'ease',
  parameters: {},
  metrics: {},
  baseline: {},
  measuredUsers: null,
  breadth: null,
  snapshotHash: 'h',
  codeVersion: '1',
  kernel: 'simd128',
  nodeVersion: '24.0.0',
  postgresVersion: '17.0',
  numUsers: 1,
  numItems: 1,
  numInteractions: 1,
};

export function interaction(
  userId: string,
  itemId: string,
  fields: Partial<DatedInteraction> = {},
): DatedInteraction {
  return { userId, itemId, type: 'view', weight: 1, occurredAt: AT, ...fields };
}

/** A database of its own with the service's connection to it, for a suite or for each of its tests. */
export class TestData {
  #server: TestDatabase | null = null;
  #database: Database | null = null;

  static ofEachTest(): TestData {
    const data = new TestData();
    beforeEach(() => data.#open());
    afterEach(() => data.#close());
    return data;
  }

  static ofSuite(): TestData {
    const data = new TestData();
    beforeAll(() => data.#open());
    afterAll(() => data.#close());
    return data;
  }

  async #open(): Promise<void> {
    this.#server = await createTestDatabase();
    this.#database = Database.connect(this.#server.url);
  }

  async #close(): Promise<void> {
    await this.#database?.close();
    await this.#server?.drop();
  }

  get server(): TestDatabase {
    return this.#server!;
  }

  get database(): Database {
    return this.#database!;
  }

  get interactions(): InteractionsRepository {
    return new InteractionsRepository(this.database);
  }

  get imports(): ImportsRepository {
    return new ImportsRepository(this.database);
  }

  /** Rows of a table, past what the repositories show. */
  async count(table: string, condition = 'true'): Promise<number> {
    const { rows } = await this.server.query(`SELECT count(*) FROM ${table} WHERE ${condition}`);
    return Number(rows[0].count);
  }
}
