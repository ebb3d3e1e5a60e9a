import fc from 'fast-check';
import { arrangeRows, Steps, StreamedPairs } from './snapshot-rows.js';

interface Pair {
  readonly user: number;
  readonly item: number;
  readonly value: number;
}

/** Rows short and long, in any order of users and of items. */
const catalogs = fc
  .record({ users: fc.uniqueArray(fc.nat(3_000), { maxLength: 12 }), items: fc.uniqueArray(fc.nat(200)) })
  .chain(({ users, items }) =>
    fc.tuple(...users.map(() => fc.subarray(items, { minLength: Math.min(1, items.length) }))).map((rows) => {
      const pairs = users.flatMap((user, row) =>
        (rows[row] ?? []).map((item): Pair => ({ user, item, value: Math.fround(user / 7 + item) })),
      );
      return {
        pairs,
        userKeys: users.filter((user) => pairs.some((pair) => pair.user === user)),
        itemKeys: items.filter((item) => pairs.some((pair) => pair.item === item)),
      };
    }),
  );

/** As COPY sends them. */
function streamed(pairs: readonly Pair[], capacity = pairs.length): StreamedPairs {
  const stream = new StreamedPairs(capacity);
  const rows = pairs
    .toSorted((a, b) => a.user - b.user || a.item - b.item)
    .map(({ user, item, value }) => {
      const row = Buffer.alloc(26);
      row.writeInt16BE(3, 0);
      for (const at of [2, 10, 18]) row.writeInt32BE(4, at);
      row.writeInt32BE(user, 6);
      row.writeInt32BE(item, 14);
      row.writeFloatBE(value, 22);
      return row;
    });
  const head = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
  stream.reader.push(Buffer.concat([head, ...rows, Buffer.from([0xff, 0xff])]));
  stream.reader.end();
  return stream;
}

describe('arrangeRows', () => {
  it('makes the matrix that its order of keys says, however it was streamed', async () => {
    await fc.assert(
      fc.asyncProperty(catalogs, fc.nat(20), async ({ pairs, userKeys, itemKeys }, capacity) => {
        const stream = streamed(pairs, capacity);
        expect([stream.users.size, stream.items.size]).toEqual([userKeys.length, itemKeys.length]);
        const order = { userKeys: Int32Array.from(userKeys), itemKeys: Int32Array.from(itemKeys) };
        const { indptr, indices, values } = await arrangeRows(stream, order);
        expect([...indptr.subarray(0, 1), indptr.at(-1)]).toEqual([0, pairs.length]);
        userKeys.forEach((user, row) => {
          const own = pairs
            .filter((pair) => pair.user === user)
            .map(({ item, value }) => ({ column: itemKeys.indexOf(item), value }))
            .sort((a, b) => a.column - b.column);
          const [from, to] = [indptr[row], indptr[row + 1]];
          expect([...indices.subarray(from, to)]).toEqual(own.map(({ column }) => column));
          expect([...values.subarray(from, to)]).toEqual(own.map(({ value }) => value));
        });
        expect(stream).toHaveLength(0);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('copies no pair where rows and columns are in order already', async () => {
    const stream = streamed([
      { user: 1, item: 5, value: 1 },
      { user: 4, item: 2, value: 2 },
    ]);
    const { buffer } = stream.values.view();
    const order = { userKeys: Int32Array.of(1, 4), itemKeys: Int32Array.of(2, 5) };
    const { indices, values } = await arrangeRows(stream, order);
    expect([...indices]).toEqual([1, 0]);
    expect(values.buffer).toBe(buffer);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const steps = new Steps(stop.signal);
    stop.abort('enough');
    const pairs = Array.from({ length: 70_000 }, (_, item) => ({ user: 1, item, value: 1 }));
    const order = { userKeys: Int32Array.of(1), itemKeys: Int32Array.from(pairs.keys()) };
    await expect(arrangeRows(streamed(pairs), order, steps)).rejects.toBe('enough');
  });
});
