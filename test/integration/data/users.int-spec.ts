import { ItemsRepository, UsersRepository, type Page } from '#data';
import { DomainError } from '#domain';
import { interaction, ITEM, TestData } from './testing/test-data.js';

/** Ids that patterns, collations and ends of ranges could take for others. */
const IDS = [
  ...['a', 'A', 'ab', 'aB', 'a_b', 'a%b', 'axb', 'a\\b', 'b', 'Z', 'é', 'e', 'f', 'a b', 'a-b'],
  ...['a\u{10ffff}', 'a\u{10ffff}b', '\u{10ffff}', 'a\u{ffff}', 'a\u{10000}', '😀', '😀a', 'x'.repeat(512)],
  '😀'.repeat(512),
];
const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

describe('users in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const users = () => new UsersRepository(data.database);

  beforeAll(async () => {
    await data.interactions.record(
      'default',
      IDS.map((id) => interaction(id, 'x')),
    );
    await data.server.query("INSERT INTO catalogs (id) VALUES ('other')");
    await data.interactions.record('other', [interaction('a-other', 'x')]);
  });

  const allOf = async (search: string, limit: number) => {
    const found: string[] = [];
    let page: Page<{ readonly userId: string }> = { items: [], nextPosition: null };
    do {
      page = await users().findPage('default', search, page.nextPosition, limit);
      expect(page.items.length).toBe(page.nextPosition === null ? page.items.length : limit);
      found.push(...page.items.map(({ userId }) => userId));
    } while (page.nextPosition !== null);
    return found;
  };

  it.each([1, 2, 7, 100])('are all listed by the bytes of their ids, %d a page', async (limit) => {
    expect(await allOf('', limit)).toEqual(IDS.toSorted(byBytes));
  });

  it('are found by what their ids begin with, to the letter', async () => {
    for (const search of [...IDS, 'x', 'xx', '%', '_', 'a\ud7ff', 'nobody', 'é', 'e\u0301'])
      expect([search, await allOf(search, 3)]).toEqual([
        search,
        IDS.filter((id) => id.startsWith(search)).toSorted(byBytes),
      ]);
  });

  it('are summed up by type, with late interactions apart', async () => {
    const at = (text: string) => ({ occurredAt: new Date(text) });
    await data.interactions.record('default', [
      interaction('sum', 'kept', at('2026-01-02T00:00:00.001Z')),
      interaction('sum', 'kept', at('2026-01-05T00:00:00Z')),
      interaction('sum', 'gone', at('2026-01-01T00:00:00Z')),
      interaction('sum', 'kept', { type: 'buy', ...at('2026-01-03T00:00:00Z') }),
    ]);
    const before = await users().summarize('default', 'sum');
    expect(before).toEqual({
      userId: 'sum',
      createdAt: expect.any(Date),
      tags: [],
      metadata: {},
      consent: { training: true, personal: true },
      interactions: [
        { type: 'buy', count: 1 },
        { type: 'view', count: 3 },
      ],
      lateInteractions: 0,
      firstOccurredAt: '2026-01-01T00:00:00.000Z',
      lastOccurredAt: '2026-01-05T00:00:00.000Z',
    });
    const items = new ItemsRepository(data.database);
    await items.delete('default', 'gone');
    await data.interactions.record('default', [interaction('sum', 'gone', at('2026-02-01T00:00:00Z'))]);
    expect(await users().summarize('default', 'sum')).toEqual({
      ...before,
      interactions: [
        { type: 'buy', count: 1 },
        { type: 'view', count: 2 },
      ],
      lateInteractions: 1,
      firstOccurredAt: '2026-01-02T00:00:00.001Z',
    });
    await items.put('default', { ...ITEM, itemId: 'gone' });
    expect(await users().summarize('default', 'sum')).toMatchObject({
      lateInteractions: 0,
      lastOccurredAt: '2026-02-01T00:00:00.000Z',
    });
  });

  it('are known without an interaction, and unknown without a row', async () => {
    await data.interactions.record('default', [interaction('alone', 'alone')]);
    await new ItemsRepository(data.database).delete('default', 'alone');
    expect(await users().summarize('default', 'alone')).toMatchObject({
      interactions: [],
      firstOccurredAt: null,
      lastOccurredAt: null,
    });
    for (const id of ['nobody', 'a-other']) {
      const summary = users().summarize('default', id);
      await expect(summary).rejects.toThrow(DomainError);
      await expect(summary).rejects.toMatchObject({ code: 'user-not-found' });
    }
  });
});
