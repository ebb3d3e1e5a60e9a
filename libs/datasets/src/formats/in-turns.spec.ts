import { bytesSource } from '../testing/reading.js';
import { ROWS_PER_TURN } from './in-turns.js';
import { openTable } from './open-table.js';

const ROWS = 20_000;
const NUMBERS = Array.from({ length: ROWS }, (_, n) => n);
const TEXTS: readonly (readonly [string, string])[] = [
  ['csv', `user,item\n${NUMBERS.map((n) => `u${n},i\n`).join('')}`],
  ['quoted csv', `user,item\n${NUMBERS.map((n) => `"u${n}",i\n`).join('')}`],
  ['jsonl', NUMBERS.map((n) => `{"user":${n},"item":1}\n`).join('')],
  ['json', `[${NUMBERS.map((n) => `{"user":${n},"item":1}`).join(',')}]`],
  [
    'train.txt',
    `${Array.from({ length: 10 }, (_, user) => [user, ...NUMBERS.slice(0, 2_000)].join(' ')).join('\n')}\n`,
  ],
];

describe('a table', () => {
  it.each(TEXTS)(
    'of %s gives the event loop a turn at least every so many rows, and has all rows',
    async (_, text) => {
      const source = bytesSource(Buffer.from(text));
      const table = await openTable(source, { columns: new Map() });
      let [inTurn, most, all, isDone] = [0, 0, 0, false];
      const onTurn = (): void => {
        inTurn = 0;
        if (!isDone) setImmediate(onTurn);
      };
      setImmediate(onTurn);
      for await (const { rows, lines } of table.read()) {
        expect(lines).toHaveLength(rows.length);
        [inTurn, all] = [inTurn + rows.length, all + rows.length];
        most = Math.max(most, inTurn);
      }
      isDone = true;
      expect(all).toBe(ROWS);
      expect(most).toBeLessThanOrEqual(ROWS_PER_TURN);
    },
  );
});
