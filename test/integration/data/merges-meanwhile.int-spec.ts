import { randomUUID } from 'node:crypto';
import { ItemsRepository, UserMergesRepository } from '#data';
import { LIMITS, type DatedInteraction } from '#domain';
import { waitFor } from '../../support/processes.js';
import { readState } from './testing/merge-state.js';
import { AT, interaction, TestData } from './testing/test-data.js';

const dayOf = (day: number) => new Date(AT.getTime() + day * 86_400_000);
/** Rows of this weight wait for the test before they are stored: nothing of their users is locked yet. */
const HELD_WEIGHT = 7;
const HOLD = ['interactions', 'late_interactions'].map(
  (table) => `CREATE TRIGGER hold BEFORE INSERT ON ${table} FOR EACH ROW WHEN (NEW.weight = ${HELD_WEIGHT})
    EXECUTE FUNCTION hold()`,
);
const HOLD_FUNCTION = `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
  BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NEW; END $$`;

describe('a merge of users while something is stored', () => {
  const data = TestData.ofEachTest();
  const merge = (intoId: string, fromId: string) =>
    new UserMergesRepository(data.database).merge('default', { intoId, fromId });
  /** As the API does it: the catalog is locked only where that is needed. */
  const beforeCommit = () => Promise.resolve(true);
  const post = (...rows: DatedInteraction[]) => data.interactions.record('default', rows, { beforeCommit });
  const itemsOf = async (userId: string) => {
    const rows = (await readState(data.server)).interactions;
    return rows.filter((row) => row.startsWith(`${userId} `)).map((row) => row.split(' ')[1]);
  };
  const deleteItem = (itemId: string) => new ItemsRepository(data.database).delete('default', itemId);

  describe('that was begun before', () => {
    beforeEach(async () => {
      await post(interaction('acc', 'a'), interaction('old', 'b'), interaction('other', 'gone'));
      // Who brings an item has the catalog to the end, and no merge comes in between.
      await post(interaction('other', 'c'), interaction('other', 'd'));
      await deleteItem('gone');
      for (const sql of [HOLD_FUNCTION, ...HOLD]) await data.server.query(sql);
      await data.server.query('SELECT pg_advisory_lock(42)');
    });

    const untilHeld = () =>
      waitFor('the rows to be held', async () => {
        const held = `wait_event = 'advisory' AND datname = current_database()`;
        return (await data.count('pg_stat_activity', held)) === 1;
      });
    /** Merges while `writing` has its rows and has not ended. */
    const mergeMeanwhile = async <Result>(
      writing: Promise<Result>,
      [into, from] = ['acc', 'old'],
    ): Promise<Result> => {
      await untilHeld();
      try {
        await merge(into, from);
      } finally {
        await data.server.query('SELECT pg_advisory_unlock_all()');
      }
      return writing;
    };
    const held = (userId: string, itemId: string, fields = {}) =>
      interaction(userId, itemId, { weight: HELD_WEIGHT, occurredAt: dayOf(1), ...fields });

    it.each([
      ['keyed', 'c', {}],
      ['staged', 'c', { recommendedBy: { modelId: randomUUID(), issuedAt: AT, number: 1 } }],
      ['late', 'gone', {}],
    ])('a %s post goes to the user', async (_kind, itemId, fields) => {
      const stored = await mergeMeanwhile(post(held('old', itemId, fields), interaction('acc', 'd')));
      expect(stored.stored).toBe(2);
      const state = await readState(data.server);
      expect([...state.interactions, ...state.late]).toContainEqual(expect.stringMatching(`^acc ${itemId} `));
      expect([state.users, state.interactions.filter((one) => one.startsWith(' '))]).toEqual([
        ['acc', 'other'],
        [],
      ]);
      expect(state.counted).toEqual(['2']);
    });

    async function* file(userId: string) {
      yield [
        ...Array.from({ length: LIMITS.interactionsPerRequest }, (_, n) =>
          interaction('many', `item-${n % 9}`, { occurredAt: dayOf(n) }),
        ),
        held(userId, 'c'),
        interaction(userId, 'gone', { occurredAt: dayOf(2) }),
        interaction(userId, 'a'),
      ];
      await Promise.resolve();
    }
    it.each([
      ['whom it knows', 'acc', 'old', 10_002],
      ['whom it makes', 'acc', 'fresh', 10_002],
      ['whom nobody knew', 'unknown', 'fresh', 10_003],
    ])('an import moves its rows of a user %s', async (_whom, into, from, stored) => {
      const importing = data.imports.importAll('default', { interactions: file(from) });
      expect(await mergeMeanwhile(importing, [into, from])).toMatchObject({
        stored,
        duplicates: 10_003 - stored,
      });
      const state = await readState(data.server);
      const mine = [...state.interactions, ...state.late].filter((one) => one.startsWith(`${into} `));
      expect(new Set(mine.map((one) => one.split(' ')[1]))).toEqual(
        new Set(['a', 'c', 'gone', ...(from === 'old' ? ['b'] : [])]),
      );
      const whole = [...state.interactions, ...state.late];
      expect(whole.filter((one) => one.startsWith(' ') || one.startsWith(`${from} `))).toEqual([]);
      expect(state.counted).toEqual([String(state.users.length)]);
    });

    it('a deletion by the merged id waits for a merge that began before, and deletes of the user', async () => {
      await data.server.query('SELECT pg_advisory_unlock_all()');
      await post(held('old', 'c'));
      await data.server.query('SELECT pg_advisory_lock(42)');
      const merging = merge('acc', 'old');
      await untilHeld();
      const deleting = data.interactions.deleteOf('default', 'old', { itemIds: ['c'] }, { beforeCommit });
      await waitFor('the deletion to wait', async () => {
        const waiting = `wait_event = 'transactionid' AND datname = current_database()`;
        return (await data.count('pg_stat_activity', waiting)) === 1;
      });
      await data.server.query('SELECT pg_advisory_unlock_all()');
      expect([(await merging).moved, (await deleting).deleted]).toEqual([2, 1]);
      expect(await itemsOf('acc')).toEqual(['a', 'b']);
    });
  });

  it('leaves one user with every row that is posted and deleted meanwhile, by whichever id', async () => {
    for (let round = 0; round < 6; round++) {
      const [acc, old] = [`acc-${round}`, `old-${round}`];
      await post(interaction(acc, 'mine'), interaction(old, 'theirs'), interaction(old, 'kept'));
      const rows = Array.from({ length: 12 }, (_, n) =>
        interaction(n % 2 ? old : acc, `r-${n % 5}`, {
          occurredAt: dayOf(n),
          ...(n % 3 === 0 && { type: `type-${round}` }),
        }),
      );
      const deleteOf = (id: string, itemId: string) =>
        data.interactions.deleteOf('default', id, { itemIds: [itemId] }, { beforeCommit });
      await Promise.all([
        ...rows.map((row, n) => post(row, interaction('crowd', `x-${n}`, { occurredAt: dayOf(round) }))),
        post(...rows.slice(6)),
        merge(acc, old),
        merge(acc, old),
        deleteOf(acc, 'mine'),
        deleteOf(old, 'theirs'),
      ]);
      const expected = [...rows.map(({ itemId }) => itemId), 'kept'].sort();
      expect([round, (await itemsOf(acc)).sort()]).toEqual([round, expected]);
    }
    const { users, interactions, counted } = await readState(data.server);
    expect(interactions.filter((row) => row.startsWith(' ') || row.startsWith('old'))).toEqual([]);
    expect([users.length, counted]).toEqual([7, ['7']]);
  });
});
