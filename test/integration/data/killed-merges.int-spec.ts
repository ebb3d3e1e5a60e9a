import { ItemsRepository, UserMergesRepository } from '#data';
import { seededRandom } from '#models';
import { KilledWriter, type KillOptions } from './testing/killed-writer.js';
import { addModel, readState, type MergeState } from './testing/merge-state.js';
import { AT, interaction, TestData } from './testing/test-data.js';

const KILLS = Number(process.env['MERGE_KILLS'] ?? 25);
const [ACC, OLD] = ['acc', 'old'];
const IDS = { intoId: ACC, fromId: OLD };

/** After each of them a merge is killed. */
const STATEMENTS = [
  'INSERT ON interactions',
  'INSERT ON late_interactions',
  'INSERT ON attributed_interactions',
  'UPDATE ON model_attributions',
  'INSERT ON refusals',
  'INSERT ON user_attributes',
  'DELETE ON users',
  'INSERT ON merged_ids',
  'UPDATE OF revision ON users',
];
/** At which a part is done, and not all that can be seen. */
const BARE_STEPS = [
  'INSERT ON interactions',
  'INSERT ON refusals',
  'DELETE ON users',
  'INSERT ON merged_ids',
];

/** The same by the plainest rules: rows of one become those of the other, unless there is an equal one. */
function mergedState(state: MergeState): MergeState {
  const renamed = (rows: readonly string[], keyFields: number) => {
    const keyOf = (row: string) => row.split(' ').slice(0, keyFields).join(' ');
    const own = rows.filter((row) => !row.startsWith(`${OLD} `));
    const keys = new Set(own.map(keyOf));
    const others = rows.filter((row) => row.startsWith(`${OLD} `)).map((row) => row.replace(OLD, ACC));
    return [...own, ...others.filter((row) => !keys.has(keyOf(row)))].sort();
  };
  const attributed = renamed(state.attributed, 5);
  const twice = state.attributed.length - attributed.length;
  return {
    users: state.users.filter((user) => user !== OLD),
    interactions: renamed(state.interactions, 4),
    late: renamed(state.late, 4),
    attributed,
    refusals: [`${ACC} true true`],
    attributes: [`${ACC} {x} {"a": 1, "b": 3}`],
    counts: state.counts.map((row) => row.replace(/\d+$/, (count) => String(Number(count) - twice))),
    merged: [`${OLD} ${ACC}`],
    counted: [String(Number(state.counted[0]) - 1)],
  };
}

describe('a merge of users whose process is killed', () => {
  const data = TestData.ofSuite();
  const writer = new KilledWriter(data, {
    statements: STATEMENTS,
    commits: ['INSERT ON merged_ids'],
    random: seededRandom(5),
  });
  const numSteps = writer.steps.length;

  beforeAll(() => writer.prepare());
  afterEach(() => writer.stop());

  /** A catalog with two users who have something in every table. */
  const makePeople = async (catalogId: string): Promise<MergeState> => {
    await data.server.query('INSERT INTO catalogs (id) VALUES ($1)', [catalogId]);
    const issued = { modelId: await addModel(data.server, catalogId), issuedAt: AT, number: 1 };
    const at = (day: number) => ({ occurredAt: new Date(AT.getTime() + day * 86_400_000) });
    await data.interactions.record(catalogId, [interaction('other', 'gone'), interaction('other', 'a')]);
    await new ItemsRepository(data.database).delete(catalogId, 'gone');
    const ofEach = [ACC, OLD].map((id, n) => [
      interaction(id, 'a', { weight: 1 + n }),
      interaction(id, `only-${n}`, at(n)),
      interaction(id, 'seen', { ...at(n), recommendedBy: issued }),
      interaction(id, 'seen', { ...at(2 + n), recommendedBy: { ...issued, number: 2 + n } }),
      interaction(id, 'gone', at(n)),
      interaction(id, 'gone', at(5)),
    ]);
    for (const rows of ofEach) await data.interactions.record(catalogId, rows);
    const ofUsers = `FROM users WHERE catalog_id = $1 AND external_id IN ('${ACC}', '${OLD}')`;
    const isOld = `external_id = '${OLD}'`;
    for (const sql of [
      `INSERT INTO refusals SELECT catalog_id, user_key, ${isOld}, NOT ${isOld} ${ofUsers}`,
      `INSERT INTO user_attributes SELECT catalog_id, user_key, CASE WHEN ${isOld} THEN '{x}'::text[] ELSE '{}' END,
        CASE WHEN ${isOld} THEN '{"a":2,"b":3}' ELSE '{"a":1}' END::jsonb ${ofUsers}`,
    ])
      await data.server.query(sql, [catalogId]);
    return readState(data.server, catalogId);
  };

  const killAt = (step: string, catalogId: string, options: KillOptions) =>
    writer.killAt(step, { write: 'merge', catalogId, ...IDS }, options);

  it(
    `has merged all or nothing (${KILLS} kills), and the next try merges the rest`,
    async () => {
      const outcomes = { nothing: 0, all: 0 };
      for (let kill = 0; kill < KILLS; kill++) {
        const catalogId = `kill-${kill}`;
        const before = await makePeople(catalogId);
        const after = mergedState(before);
        const step = writer.steps[kill % numSteps]!;
        await killAt(step, catalogId, { cuts: Math.floor(kill / numSteps) % 2 === 1 });
        const state = await readState(data.server, catalogId);
        const isAll = JSON.stringify(state) !== JSON.stringify(before);
        expect([kill, step, state]).toEqual([kill, step, isAll ? after : before]);
        outcomes[isAll ? 'all' : 'nothing']++;
        const { isNew } = await new UserMergesRepository(data.database).merge(catalogId, IDS);
        expect([isNew, await readState(data.server, catalogId)]).toEqual([!isAll, after]);
      }
      expect([outcomes.nothing > 0, outcomes.all > 0]).toEqual([true, true]);
    },
    Math.max(120_000, KILLS * 5_000),
  );

  it('would be found, if it were in no transaction, by what it leaves at every step', async () => {
    for (const [n, step] of BARE_STEPS.entries()) {
      const catalogId = `bare-${n}`;
      const before = await makePeople(catalogId);
      await killAt(step, catalogId, { cuts: false, flags: ['--without-transaction'] });
      const state = JSON.stringify(await readState(data.server, catalogId));
      const whole = [before, mergedState(before)].map((one) => JSON.stringify(one));
      expect([step, whole.includes(state)]).toEqual([step, false]);
    }
  });
});
