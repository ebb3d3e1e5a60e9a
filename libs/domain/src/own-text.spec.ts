import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ownText } from './own-text.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap once nothing more can be freed: what suites before have left goes in several turns. */
async function usedBytes(): Promise<number> {
  let [used, before] = [process.memoryUsage().heapUsed, Infinity];
  while (used < before) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    [used, before] = [process.memoryUsage().heapUsed, used];
  }
  return used;
}

/** Bytes of the heap that `make` leaves behind, as long as what it answers is held. */
async function keptBytes(make: () => readonly string[]): Promise<number> {
  const before = await usedBytes();
  const held = make();
  const kept = (await usedBytes()) - before;
  expect(held).toHaveLength(PIECES);
  return kept;
}

const PIECES = 100;
const PIECE_LENGTH = 100_000;

function partsOf(keep: (part: string) => string): readonly string[] {
  return Array.from({ length: PIECES }, (_, number) => {
    const piece = Buffer.alloc(PIECE_LENGTH, `${number}-text `).toString('latin1');
    return keep(piece.slice(10, 40));
  });
}

describe('ownText', () => {
  it.each([
    '',
    'a',
    'item-1',
    'a text of some length',
    'Stanisław Lem, 1961',
    '🍎🍎🍎🍎🍎🍎🍎',
    '\ud83c lone surrogate',
  ])('is the same text as %j', (text) => {
    expect(ownText(text)).toBe(text);
  });

  it('keeps no text in memory that it was cut out of', async () => {
    expect(await keptBytes(() => partsOf((part) => part))).toBeGreaterThan((PIECES * PIECE_LENGTH) / 2);
    expect(await keptBytes(() => partsOf(ownText))).toBeLessThan((PIECES * PIECE_LENGTH) / 10);
  });
});
