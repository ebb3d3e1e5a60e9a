import { parentPort, workerData } from 'node:worker_threads';
import { ParquetEncoder, type ParquetTable } from './parquet-encoder.js';

/** Answers each chunk of JSON lines with what can be written of them, and null with the end of the file. */
const encoder = new ParquetEncoder(workerData as ParquetTable);
parentPort!.on('message', (chunk: Uint8Array | null) => {
  const encoded = chunk ? encoder.push(chunk) : encoder.end();
  parentPort!.postMessage(encoded);
});
