import { IdempotencyKeysRepository, ItemsRepository, type IdempotentWrite } from '#data';
import type { StoredBatch } from '#domain';
import { TestData } from './testing/test-data.js';

const CALL = Buffer.alloc(32, 1);

describe('idempotency keys in PostgreSQL', () => {
  const data = TestData.ofEachTest();
  const keys = () => new IdempotencyKeysRepository(data.database);

  const idempotent = (
    key: string,
    fields: Partial<IdempotentWrite<unknown>> = {},
  ): IdempotentWrite<StoredBatch> => ({
    catalogId: 'default',
    key,
    fingerprint: () => CALL,
    answerOf: ({ stored }) => ({ status: 200, location: null, body: String(stored) }),
    ...fields,
  });
  const at = (seconds: number) => [
    { userId: 'a', itemId: 'x', type: 'view', weight: 1, occurredAt: new Date(seconds * 1_000) },
  ];
  const stored = async () =>
    (await data.server.query('SELECT count(*)::int AS count FROM interactions')).rows[0].count;
  const age = (interval: string) =>
    data.server.query('UPDATE idempotency_keys SET created_at = created_at - $1::interval', [interval]);

  it('keeps the answer and the fingerprint of the call', async () => {
    await data.interactions.record('default', at(1), { idempotent: idempotent('one') });
    expect(await keys().find('default', 'one')).toEqual({
      fingerprint: CALL,
      answer: { status: 200, location: null, body: '1' },
    });
    expect(await keys().find('default', 'other')).toBeNull();
    expect(await keys().find('elsewhere', 'one')).toBeNull();
  });

  it('writes nothing with a key that a call has just ended with', async () => {
    await data.interactions.record('default', at(1), { idempotent: idempotent('one') });
    const again = data.interactions.record('default', at(2), { idempotent: idempotent('one') });
    await expect(again).rejects.toMatchObject({ code: 'idempotency-key-in-use' });
    expect(await stored()).toBe(1);
  });

  it('takes a key of more than a day ago anew, also where nobody has deleted it yet', async () => {
    await data.interactions.record('default', at(1), { idempotent: idempotent('one') });
    await age('24 hours 1 minute');
    expect(await keys().find('default', 'one')).toBeNull();
    const answer = { status: 202, location: '/v1', body: '"new"' };
    await data.interactions.record('default', at(2), {
      idempotent: idempotent('one', { fingerprint: () => Buffer.alloc(32, 2), answerOf: () => answer }),
    });
    expect(await keys().find('default', 'one')).toEqual({ fingerprint: Buffer.alloc(32, 2), answer });
  });

  it('deletes keys of more than a day ago, in statements of bounded size, and no others', async () => {
    await data.interactions.record('default', at(1), { idempotent: idempotent('young') });
    await data.server
      .query(`INSERT INTO idempotency_keys (catalog_id, key, fingerprint, status, body, created_at)
      SELECT 'default', n, '', 200, '', now() - interval '25 hours' FROM generate_series(1, 25000) n`);
    const batches: number[] = [];
    for await (const deleted of keys().deleteOld()) batches.push(deleted);
    expect(batches).toEqual([10_000, 10_000, 5_000]);
    expect((await data.server.query('SELECT key FROM idempotency_keys')).rows).toEqual([{ key: 'young' }]);
  });

  it('finds old keys by an index', async () => {
    await data.server.query('SET enable_seqscan = off');
    const { rows } = await data.server.query(
      "EXPLAIN SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT 10",
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('idempotency_keys_created_at_idx');
  });

  it('keeps no key of a write that fails, whichever library began its transaction', async () => {
    const failing = idempotent('one', {
      answerOf: () => {
        throw new Error('no answer');
      },
    });
    const item = { itemId: 'x', title: null, tags: [], metadata: {}, available: true };
    const items = new ItemsRepository(data.database);
    await expect(data.interactions.record('default', at(1), { idempotent: failing })).rejects.toThrow(
      'no answer',
    );
    await expect(
      items.putMany('default', [item], undefined, { ...failing, answerOf: failing.answerOf as () => never }),
    ).rejects.toThrow('no answer');
    expect(await keys().find('default', 'one')).toBeNull();
    expect(await stored()).toBe(0);
    expect((await items.findPage('default', null, 1)).items).toEqual([]);
  });
});
