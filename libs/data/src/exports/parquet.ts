import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ParquetTable } from './parquet-encoder.js';

/** Tests run from the sources, and threads from what is built of them. */
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../../../dist/libs/data/src/exports/parquet-thread.js'
    : './parquet-thread.js',
  import.meta.url,
);

/**
 * Encodes JSON lines as Parquet, in a thread of its own, since that takes about as long as PostgreSQL takes
 * to write them. One chunk is on its way at a time.
 */
export async function* toParquet(
  lines: AsyncIterable<Buffer>,
  table: ParquetTable,
): AsyncGenerator<Uint8Array> {
  const thread = new Worker(SCRIPT, { workerData: table });
  const encode = async (chunk: Uint8Array | null) => {
    thread.postMessage(chunk);
    const [encoded] = (await once(thread, 'message')) as [Uint8Array];
    return encoded;
  };
  try {
    for await (const chunk of lines) {
      const encoded = await encode(chunk);
      if (encoded.length > 0) yield encoded;
    }
    yield await encode(null);
  } finally {
    await thread.terminate();
  }
}
