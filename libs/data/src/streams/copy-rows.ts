import type { Connection, PoolClient, Submittable } from 'pg';
import type { FixedRowReader } from './binary-copy.js';

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const [COPY_DATA, COPY_DONE, ERROR] = ['d', 'c', 'E'].map((code) => code.charCodeAt(0));
/** The code of a message, and the length of all behind the code. */
const HEADER_BYTES = 5;

type Done = (error?: Error | null) => void;
type Listener = (chunk: Buffer) => void;

/**
 * Reads the rows of a `COPY … TO STDOUT (FORMAT binary)` where they lie in what the connection received. Each
 * row is a message of its own: a stream of them takes ten times as long as reading their fields.
 */
export async function copyRows(client: PoolClient, sql: string, reader: FixedRowReader): Promise<void> {
  const query = client.query.bind(client) as (query: Submittable, done: Done) => unknown;
  await new Promise<void>((resolve, reject) => {
    query(new RowsQuery(sql, reader), (error) => (error ? reject(error) : resolve()));
  });
  reader.end();
}

/** A query of `pg` that listens to its connection in place of the parser until all rows have come. */
class RowsQuery implements Submittable {
  /** Set by the client. */
  callback: Done | undefined;
  #stream: NodeJS.ReadableStream | undefined;
  #parse: Listener = () => undefined;
  /** The beginning of a message. */
  #rest: Buffer = Buffer.alloc(0);
  #failure: unknown;

  constructor(
    readonly text: string,
    private readonly reader: FixedRowReader,
  ) {}

  submit(connection: Connection): void {
    const { stream } = connection;
    this.#stream = stream;
    this.#parse = stream.listeners('data')[0] as Listener;
    stream.off('data', this.#parse);
    stream.on('data', this.#take);
    connection.query(this.text);
  }

  readonly #take = (chunk: Buffer): void => {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const code = bytes[at];
      if (code === COPY_DONE || code === ERROR) {
        this.#handBack(bytes.subarray(at));
        return;
      }
      const end = at + 1 + view.getInt32(at + 1);
      if (end > bytes.length) break;
      if (code === COPY_DATA) this.#read(view, at + HEADER_BYTES, end);
      else this.#parse(bytes.subarray(at, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
  };

  /** A listener that throws would end the process. */
  #read(view: DataView, start: number, end: number): void {
    try {
      if (!this.#failure) this.reader.pushRow(view, start, end);
    } catch (error) {
      this.#failure = error;
    }
  }

  #handBack(rest: Buffer): void {
    this.#stream?.off('data', this.#take);
    this.#stream?.on('data', this.#parse);
    this.#parse(rest);
  }

  handleError(error: Error): void {
    this.callback?.(error);
  }

  handleCommandComplete(): void {
    // It says how many rows there were.
  }

  handleReadyForQuery(): void {
    this.callback?.(this.#failure as Error | undefined);
  }
}
