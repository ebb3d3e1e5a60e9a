import { Readable } from 'node:stream';
import { ImportsRepository } from '#data';
import { spool, understand } from '#datasets';
import type { Interaction } from '#domain';
import { TestData } from './testing/test-data.js';

const row = (userId: string, itemId: string, fields: Partial<Interaction> = {}): Interaction => ({
  userId,
  itemId,
  type: 'play',
  weight: 1,
  occurredAt: null,
  ...fields,
});
const FILE = [row('a', 'x'), row('a', 'y'), row('a', 'x'), row('b', 'x'), row('a', 'x')];

describe('repeated rows', () => {
  const data = TestData.ofEachTest();

  const importRows = (rows: readonly Interaction[], options: { isSet?: boolean } = {}) =>
    data.imports.importAll('default', { ...options, interactions: Readable.from([rows]) });
  /** Milliseconds after the catalog's first undated import, of each stored event. */
  const offsets = async () =>
    (
      await data.server.query(
        `SELECT u.external_id || ' ' || i.external_id AS pair, t.name AS type,
          (extract(epoch FROM occurred_at - undated_since) * 1000)::float8 AS offset
        FROM interactions n JOIN catalogs c ON c.id = n.catalog_id JOIN users u USING (catalog_id, user_key)
          JOIN items i USING (catalog_id, item_key) JOIN interaction_types t USING (catalog_id, type_key) ORDER BY 1, 2, 3`,
      )
    ).rows.map(({ pair, type, offset }) => `${pair} ${type} ${offset}`);

  it('without a time are events a millisecond apart, from the first undated import of the catalog', async () => {
    const before = Date.now();
    expect(await importRows(FILE)).toMatchObject({ stored: 5, duplicates: 0, merged: 0 });
    expect(await offsets()).toEqual(['a x play 0', 'a x play 1', 'a x play 2', 'a y play 0', 'b x play 0']);
    const { rows } = await data.server.query('SELECT undated_since FROM catalogs');
    expect(Number(rows[0].undated_since)).toBeGreaterThanOrEqual(before);
    expect(Number(rows[0].undated_since)).toBeLessThanOrEqual(Date.now());
  });

  it('without a time are stored once however often the file is imported, and those appended are added', async () => {
    await importRows(FILE);
    expect(await importRows(FILE)).toMatchObject({ stored: 0, duplicates: 5, merged: 0, changedUsers: [] });
    const appended = [...FILE, row('a', 'x'), row('c', 'x'), row('a', 'x', { type: 'like' })];
    expect(await importRows(appended)).toMatchObject({ stored: 3, duplicates: 5, merged: 0 });
    expect((await offsets()).filter((event) => event.startsWith('a x'))).toEqual([
      'a x like 0',
      ...[0, 1, 2, 3].map((n) => `a x play ${n}`),
    ]);
    expect(await importRows(appended)).toMatchObject({ stored: 0, duplicates: 8 });
  });

  it('without a time do not count rows with one among theirs', async () => {
    const dated = row('a', 'x', { occurredAt: new Date('2026-01-01T00:00:00Z') });
    const mixed = [dated, row('a', 'x'), dated, row('a', 'x')];
    expect(await importRows(mixed)).toMatchObject({ stored: 3, duplicates: 1, merged: 0 });
    expect((await offsets()).slice(1)).toEqual(['a x play 0', 'a x play 1']);
    expect(await importRows(mixed)).toMatchObject({ stored: 0, duplicates: 4 });
  });

  it('with a time are one event, equal in user, item, type and time', async () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const play = row('a', 'x', { occurredAt: at });
    const rows = [play, { ...play, weight: 2 }, { ...play, type: 'like' }, { ...play, userId: 'b' }];
    expect(await importRows(rows)).toMatchObject({ stored: 3, duplicates: 1, merged: 0 });
    expect(await importRows(rows)).toMatchObject({ stored: 0, duplicates: 4, merged: 0 });
    expect((await data.server.query('SELECT undated_since FROM catalogs')).rows).toEqual([
      { undated_since: null },
    ]);
  });

  it('without a time may have come of a recommendation', async () => {
    const recommendedBy = { modelId: crypto.randomUUID(), issuedAt: new Date(), number: 1 };
    const rows = [row('a', 'x', { recommendedBy }), row('a', 'x', { recommendedBy }), row('a', 'y')];
    expect(await importRows(rows)).toMatchObject({ stored: 3, duplicates: 0 });
    expect(await importRows(rows)).toMatchObject({ stored: 0, duplicates: 3 });
  });

  it('of a set are merged, and the set that is imported again is one of duplicates', async () => {
    expect(await importRows(FILE, { isSet: true })).toMatchObject({ stored: 3, duplicates: 0, merged: 2 });
    expect(await offsets()).toEqual(['a x play 0', 'a y play 0', 'b x play 0']);
    expect(await importRows(FILE, { isSet: true })).toMatchObject({ stored: 0, duplicates: 3, merged: 2 });
  });

  it('of two first imports at once are dated from the same time', async () => {
    const results = await Promise.all([importRows(FILE), importRows(FILE), importRows(FILE)]);
    expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(5);
    expect(await offsets()).toHaveLength(5);
  });

  it('of an import over HTTP and of a file are the same rows', async () => {
    const csv = 'userId,itemId,type\na,x,play\na,x,play\n';
    const body = await spool(Readable.from([Buffer.from(csv)]), 'the body');
    const dataset = await understand(body, { clockToleranceSeconds: 0 });
    const imported = new ImportsRepository(data.database).importAll('default', {
      interactions: dataset.interactions(),
    });
    expect(await imported).toMatchObject({ stored: 2 });
    await body.dispose();
    expect(await importRows([row('a', 'x'), row('a', 'x')])).toMatchObject({ stored: 0, duplicates: 2 });
  });
});
