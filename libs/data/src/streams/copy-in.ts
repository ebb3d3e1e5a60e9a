import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BinaryCopyWriter } from './binary-copy.js';

const CHUNK_BYTES = 60 * 1024;

/** Copies rows into a table, in constant memory. */
export class CopyIn {
  readonly writer = new BinaryCopyWriter();
  readonly #stream;

  constructor(client: PoolClient, table: string) {
    this.#stream = client.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT binary)`));
  }

  /** Whether enough rows are written for them to be sent. */
  get isFull(): boolean {
    return this.writer.length >= CHUNK_BYTES;
  }

  /** Sends what is written, and waits until more may come. */
  async flush(): Promise<void> {
    if (this.#stream.write(this.writer.take())) return;
    await Promise.race([once(this.#stream, 'drain'), finished(this.#stream)]);
  }

  /** @param write writes the rows; when it fails the copy is broken off */
  async run(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#stream.destroy(error as Error);
      await finished(this.#stream).catch(() => undefined);
      throw error;
    }
    this.#stream.end(this.writer.end());
    await finished(this.#stream);
  }
}
