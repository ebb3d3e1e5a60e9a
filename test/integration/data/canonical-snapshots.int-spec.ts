import {
  ConsentsRepository,
  InteractionTypesRepository,
  ItemsRepository,
  SnapshotReader,
  UserMergesRepository,
  type Snapshot,
} from '#data';
import type { DatedInteraction, Model } from '#domain';
import {
  decodeServedModel,
  encodeServedModel,
  modelRegistry,
  parseParameters,
  seededRandom,
  train,
} from '#models';
import { ActiveModel } from '#ranking';
import { AT, interaction, ITEM, TestData } from './testing/test-data.js';

/** Their bytes are in another order than their UTF-16 units, and than their letters in any language. */
const ODD_IDS = ['Z', 'a', 'ß', 'é', 'z', '～', '😀', 'i 1', 'I1'];
const USERS = [...ODD_IDS, ...Array.from({ length: 61 }, (_, n) => `user-${n}`)];
const ITEMS = [...ODD_IDS, ...Array.from({ length: 31 }, (_, n) => `item-${n}`)];
const MERGED = 'user-3';
const COMES_AGAIN = 'user-5';
const TYPES = [
  { name: 'view', trainingWeight: 0.7, halfLifeDays: 9, positive: true, repeats: 'sum' },
  { name: 'buy', trainingWeight: 3, halfLifeDays: null, positive: true, repeats: 'newest' },
  { name: 'dislike', trainingWeight: 1, halfLifeDays: null, positive: false, repeats: 'max' },
] as const;

const SMALL: Readonly<Record<string, object>> = {
  blend: { rank: 8 },
  ials: { factors: 8, epochs: 3 },
  lightgcl: { factors: 8, epochs: 3, patience: 3, batchSize: 64 },
  spectral: { rank: 8 },
};
const BLOCKS = { form: 'blocks', blockSize: 16, coreSize: 8 };
/** Every kind, and of `ease` every form, small enough for little data. */
const FITS: readonly (readonly [kind: string, parameters: object])[] = [
  ...[...modelRegistry.keys()].map((kind) => [kind, SMALL[kind] ?? {}] as const),
  ...['primal', 'dual'].map((form) => ['ease', { form, dropout: 0.3, userWeightExponent: 0.5 }] as const),
  ...['mean', 'column', 'row'].map((readout) => ['ease', { ...BLOCKS, readout }] as const),
  ['blend', { rank: 8, ...BLOCKS }],
];

/** Each at a time of its own, so that none is a repetition of another. */
function drawRows(): DatedInteraction[] {
  const random = seededRandom(24);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() ** 1.5 * from.length)]!;
  return Array.from({ length: 1_200 }, (_, n) =>
    interaction(pick(USERS), pick(ITEMS), {
      type: pick(TYPES).name,
      weight: 1 + Math.floor(random() * 3),
      occurredAt: new Date(AT.getTime() + n * 3_600_000),
    }),
  );
}

async function putTypes(data: TestData): Promise<void> {
  const repository = new InteractionTypesRepository(data.database);
  const rest = { excludesSeen: true, repeatAfterDays: null };
  for (const type of TYPES) await repository.put('default', { ...type, ...rest });
}

/** In the order of their times. */
async function write(data: TestData, rows: readonly DatedInteraction[]): Promise<void> {
  await data.interactions.record('default', rows);
  await putTypes(data);
}

/**
 * The last first, among users and items that come and go: some of one user under an id that is merged into
 * it, a user who is merged away and comes again, items that are deleted and put again, and what nothing is
 * left of.
 */
async function writeOtherwise(data: TestData, rows: readonly DatedInteraction[]): Promise<void> {
  const record = (some: readonly DatedInteraction[]) => data.interactions.record('default', some);
  const [items, merges] = [new ItemsRepository(data.database), new UserMergesRepository(data.database)];
  const backwards = rows.toReversed();
  const isOf = (userId: string) => (row: DatedInteraction) => row.userId === userId;
  await record([interaction('ghost', 'gone'), interaction(MERGED, 'gone'), interaction('ghost', 'item-7')]);
  await record(backwards.filter(isOf(COMES_AGAIN)).slice(3));
  await record(backwards.filter(isOf(MERGED)).map((row, n) => (n % 2 ? row : { ...row, userId: 'device' })));
  await items.delete('default', 'gone');
  await merges.merge('default', { intoId: MERGED, fromId: 'device' });
  await merges.merge('default', { intoId: 'ghost', fromId: COMES_AGAIN });
  await data.server.query('UPDATE merged_ids SET ends_at = now()');
  await data.interactions.deleteOf('default', 'ghost', {}, { beforeCommit: () => Promise.resolve(true) });
  await record(backwards.slice(0, 500));
  await items.delete('default', 'item-7');
  await items.delete('default', '～');
  await record(backwards.slice(400));
  await items.put('default', { ...ITEM, itemId: 'item-7' });
  await items.put('default', { ...ITEM, itemId: '～' });
  await record(backwards);
  await putTypes(data);
  await record([interaction('refuser', 'item-2'), interaction('refuser', 'of nobody else')]);
  await new ConsentsRepository(data.database).put('default', 'refuser', { training: false, personal: true });
}

describe('equal interactions that are stored in another order, between others that are deleted', () => {
  const [one, other] = [TestData.ofSuite(), TestData.ofSuite()];
  let snapshots: readonly [Snapshot, Snapshot];

  const idsOf = async ({ server }: TestData, table: 'users' | 'items', keys: Int32Array) => {
    const key = table === 'users' ? 'user_key' : 'item_key';
    const { rows } = await server.query(`SELECT ${key} AS key, external_id AS id FROM ${table}`);
    const ids = new Map<number, string>(rows.map((row) => [row.key, row.id]));
    return Array.from(keys, (own) => ids.get(own));
  };
  const byBytes = (ids: readonly string[]) =>
    [...new Set(ids)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  beforeAll(async () => {
    const rows = drawRows();
    await write(one, rows);
    await writeOtherwise(other, rows);
    const load = ({ database }: TestData) => new SnapshotReader(database).load('default');
    snapshots = [await load(one), await load(other)];
  });

  it('make one snapshot, with rows and columns by the bytes of ids', async () => {
    const [{ userKeys, itemKeys, ...matrix }, { userKeys: users, itemKeys: items, ...same }] = snapshots;
    expect(same).toEqual(matrix);
    expect(users).not.toEqual(userKeys);
    expect(items).not.toEqual(itemKeys);
    const { rows } = await one.server.query(
      `SELECT DISTINCT u.external_id AS user, i.external_id AS item FROM interactions
        JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)`,
    );
    expect(matrix.values.length).toBeLessThan(rows.length);
    for (const [data, keys] of [
      [one, [userKeys, itemKeys]],
      [other, [users, items]],
    ] as const) {
      expect(await idsOf(data, 'users', keys[0])).toEqual(byBytes(rows.map(({ user }) => user)));
      expect(await idsOf(data, 'items', keys[1])).toEqual(byBytes(rows.map(({ item }) => item)));
    }
  });

  it.each(FITS)('make one model, its items named by their rank: %s %j', async (kind, parameters) => {
    const fit = ({ userKeys, itemKeys, ...matrix }: Snapshot) =>
      train({
        ...{ ...matrix, numUsers: userKeys.length, numItems: itemKeys.length, itemKeys },
        ...{ kind, parameters: parseParameters(kind, parameters), seed: 7, threads: 1 },
      });
    const [own, its] = [await fit(snapshots[0]), await fit(snapshots[1])];
    expect(its.artifact).not.toEqual(own.artifact);
    expect(byRank(its.artifact)).toEqual(byRank(own.artifact));
    for (const field of ['metrics', 'baseline', 'kernel'] as const) expect(its[field]).toEqual(own[field]);
  });

  it('make one history of each user in the terms of a model', async () => {
    const [own, its] = await Promise.all(
      [one, other].map(async (data, at) => {
        const { itemKeys, userKeys } = snapshots[at]!;
        const active = new ActiveModel({ id: 'm' } as Model, { itemKeys } as never);
        const ids = (await idsOf(data, 'users', userKeys)) as string[];
        const histories = await data.interactions.loadHistories('default', ids);
        return ids.map((id) => {
          const { itemKeys: keys, values } = histories.get(id)!;
          return active.toHistory(keys, values);
        });
      }),
    );
    expect(its).toEqual(own);
    const { indptr, indices } = snapshots[0];
    expect(own!.map((history) => [...history.indices])).toEqual(
      own!.map((_, row) => [...indices.subarray(indptr[row], indptr[row + 1])]),
    );
  });
});

/** An artifact with the ranks of its items in the snapshot in place of their keys. */
function byRank(artifact: Uint8Array): Uint8Array {
  const served = decodeServedModel(artifact);
  return encodeServedModel({ ...served, itemKeys: Int32Array.from(served.itemKeys.keys()) });
}
