import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BinaryCopyWriter } from './binary-copy.js';

const CHUNK_BYTES = 60 * 1024;

/** Rows on their way into a table, in constant memory. A connection has one at a time. */
export class CopyIn {
  readonly writer = new BinaryCopyWriter();
  readonly #stream;

  /** @param target the table, or the table and its columns */
  constructor(client: PoolClient, target: string) {
    this.#stream = client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT binary)`));
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

  async end(): Promise<void> {
    this.#stream.end(this.writer.end());
    await finished(this.#stream);
  }

  /** Nothing of it is stored then. */
  async breakOff(error: Error): Promise<void> {
    this.#stream.destroy(error);
    await finished(this.#stream).catch(() => undefined);
  }
}

/** @param append writes one row; when it or the rows fail nothing is stored */
export async function copyRows<Row>(
  client: PoolClient,
  target: string,
  rows: Iterable<Row>,
  append: (writer: BinaryCopyWriter, row: Row) => void,
): Promise<void> {
  const copy = new CopyIn(client, target);
  try {
    for (const row of rows) {
      append(copy.writer, row);
      if (copy.isFull) await copy.flush();
    }
  } catch (error) {
    await copy.breakOff(error as Error);
    throw error;
  }
  await copy.end();
}
