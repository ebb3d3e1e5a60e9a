/** What a benchmark works in, which is gone when it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../scripts/lib/main.mjs';

/** Of this process alone. */
export const folder = mkdtempSync(join(tmpdir(), 'sparserec-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
/** Ends what was started; the last comes first. */
export const stops = [];

/**
 * Runs a benchmark, and ends what it has started, however it ends; a failure that is explained is one line.
 */
export async function runBenchmark(work) {
  await main(async () => {
    try {
      await work();
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  });
}
