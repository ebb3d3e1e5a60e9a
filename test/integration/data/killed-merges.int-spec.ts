import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ItemsRepository, UserMergesRepository } from '#data';
import { seededRandom } from '#models';
import { waitFor } from '../../support/processes.js';
import { addModel, readState, type MergeState } from './testing/merge-state.js';
import { AT, interaction, TestData } from './testing/test-data.js';

const KILLS = Number(process.env['MERGE_KILLS'] ?? 25);
const PROCESS = join(import.meta.dirname, 'testing/merging-process.mjs');
const [ACC, OLD] = ['acc', 'old'];

/** Where a merge is killed: after this on that table; the last two at the commit, and at any time. */
const STEPS = [
  'INSERT ON interactions',
  'INSERT ON late_interactions',
  'INSERT ON attributed_interactions',
  'UPDATE ON model_attributions',
  'INSERT ON refusals',
  'INSERT ON user_attributes',
  'DELETE ON users',
  'INSERT ON merged_ids',
  'UPDATE OF revision ON users',
  'commit',
  'any time',
] as const;
/** At which a part is done, and not all that can be seen. */
const BARE_STEPS = [
  'INSERT ON interactions',
  'INSERT ON refusals',
  'DELETE ON users',
  'INSERT ON merged_ids',
] as const;
const [COMMIT, ANY_TIME] = [STEPS.length - 2, STEPS.length - 1];
const HOLD_FUNCTION = `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
  BEGIN PERFORM pg_advisory_xact_lock_shared(43, TG_ARGV[0]::int); RETURN NULL; END $$`;
const HOLD = STEPS.slice(0, COMMIT).map(
  (step, n) => `CREATE TRIGGER hold_${n} AFTER ${step} FOR EACH STATEMENT EXECUTE FUNCTION hold(${n})`,
);
const HOLD_COMMIT = `CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON merged_ids
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold(${COMMIT})`;
/** Connections of processes that merge. */
const MERGING = `application_name = 'merging' AND datname = current_database()`;

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
  const random = seededRandom(5);
  const children = new Set<ChildProcess>();

  beforeAll(async () => {
    for (const sql of [HOLD_FUNCTION, ...HOLD, HOLD_COMMIT]) await data.server.query(sql);
  });
  afterEach(() => children.forEach((child) => child.kill('SIGKILL')));

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

  const startProcess = async (...flags: string[]): Promise<ChildProcess> => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: data.server.url, PGAPPNAME: 'merging' };
    const child = spawn(process.execPath, [PROCESS, ...flags], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    await once(child.stdout, 'data');
    return child;
  };
  const untilGone = () =>
    waitFor('the connections to end', async () => (await data.count('pg_stat_activity', MERGING)) === 0);

  /** Kills a process while it is at the step; then its connection goes on, or is ended too. */
  const killAt = async (catalogId: string, step: number, options: { cuts: boolean; flags?: string[] }) => {
    const child = await startProcess(...(options.flags ?? []));
    if (step !== ANY_TIME) await data.server.query('SELECT pg_advisory_lock(43, $1)', [step]);
    child.stdin!.write(`${JSON.stringify({ catalogId, intoId: ACC, fromId: OLD })}\n`);
    if (step === ANY_TIME) await delay(random() * 30);
    else
      await waitFor(
        STEPS[step]!,
        async () => (await data.count('pg_stat_activity', `${MERGING} AND wait_event = 'advisory'`)) === 1,
      );
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (options.cuts)
      await data.server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${MERGING}`);
    await data.server.query('SELECT pg_advisory_unlock_all()');
    await untilGone();
  };

  it(
    `has merged all or nothing (${KILLS} kills), and the next try merges the rest`,
    async () => {
      const outcomes = { nothing: 0, all: 0 };
      for (let kill = 0; kill < KILLS; kill++) {
        const catalogId = `kill-${kill}`;
        const before = await makePeople(catalogId);
        const after = mergedState(before);
        const step = kill % STEPS.length;
        await killAt(catalogId, step, { cuts: Math.floor(kill / STEPS.length) % 2 === 1 });
        const state = await readState(data.server, catalogId);
        const isAll = JSON.stringify(state) !== JSON.stringify(before);
        expect([kill, STEPS[step], state]).toEqual([kill, STEPS[step], isAll ? after : before]);
        outcomes[isAll ? 'all' : 'nothing']++;
        const ids = { intoId: ACC, fromId: OLD };
        const { isNew } = await new UserMergesRepository(data.database).merge(catalogId, ids);
        expect([isNew, await readState(data.server, catalogId)]).toEqual([!isAll, after]);
      }
      expect([outcomes.nothing > 0, outcomes.all > 0]).toEqual([true, true]);
    },
    Math.max(120_000, KILLS * 5_000),
  );

  it('would be found, if it were in no transaction, by what it leaves at every step', async () => {
    for (const name of BARE_STEPS) {
      const step = STEPS.indexOf(name);
      const catalogId = `bare-${step}`;
      const before = await makePeople(catalogId);
      await killAt(catalogId, step, { cuts: false, flags: ['--without-transaction'] });
      const state = JSON.stringify(await readState(data.server, catalogId));
      const whole = [before, mergedState(before)].map((one) => JSON.stringify(one));
      expect([STEPS[step], whole.includes(state)]).toEqual([STEPS[step], false]);
    }
  });
});
