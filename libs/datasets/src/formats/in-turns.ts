import { setImmediate as turn } from 'node:timers/promises';
import type { RowChunk } from './table.js';

/** Rows that are read in one turn of the event loop; a few milliseconds of work. */
export const ROWS_PER_TURN = 500;

/** The same rows in chunks of at most `ROWS_PER_TURN`, with a turn of the event loop before each. */
export async function* inTurns(chunks: AsyncIterable<RowChunk>): AsyncGenerator<RowChunk> {
  for await (const { rows, lines } of chunks) {
    for (let from = 0; from < rows.length; from += ROWS_PER_TURN) {
      await turn();
      const to = from + ROWS_PER_TURN;
      yield { rows: rows.slice(from, to), lines: lines.slice(from, to) };
    }
  }
}
