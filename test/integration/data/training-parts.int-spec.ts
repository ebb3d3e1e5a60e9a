import { randomUUID } from 'node:crypto';
import { PostgresArtifacts, TrainingPartsRepository, TrainingRunsRepository } from '#data';
import type { TrainingRun } from '#domain';
import { describeArtifactStore } from './testing/artifact-store-conformance.js';
import { TestData } from './testing/test-data.js';

const RANGES = [
  { first: 0, count: 4 },
  { first: 4, count: 4 },
  { first: 8, count: 1 },
];

const NEEDS = { kernels: 'kernels', fixedBytes: 2 ** 40, threadBytes: 7 };

describe('parts of training runs', () => {
  const data = TestData.ofSuite();
  const runs = () => new TrainingRunsRepository(data.database);
  const parts = () => new TrainingPartsRepository(data.database);

  const start = async (): Promise<TrainingRun> => {
    const input = { catalogId: 'default', kind: 'ease', parameters: {}, activate: true };
    const { id } = await runs().create({ ...input, requestId: 'shop-42' });
    return (await runs().claim(id, 'w'))!;
  };
  const partOf = ({ id: runId }: TrainingRun, position: number, task = 'a') => ({ runId, task, position });
  const open = (run: Pick<TrainingRun, 'id' | 'attempts'>, task = 'a', ranges = RANGES) =>
    parts().open(run, task, ranges, NEEDS);
  const openOf = async ({ id }: TrainingRun) =>
    (await parts().findOpen()).filter(({ runId }) => runId === id).map(({ position }) => position);
  const deleteOver = async () => {
    for await (const _rows of parts().deleteOver());
  };

  it('are made once, and done by the first who has the result', async () => {
    const run = await start();
    expect(await parts().findKernels(run.id)).toBeNull();
    expect(await open(run)).toEqual([]);
    expect(await parts().findKernels(run.id)).toBe('kernels');
    expect(await parts().findNeeds(partOf(run, 1), 'w')).toEqual({ ...NEEDS, isOwn: true });
    expect(await parts().findNeeds(partOf(run, 1), 'other')).toEqual({ ...NEEDS, isOwn: false });
    expect(await parts().claim(partOf(run, 1), 'w')).toEqual({
      ...partOf(run, 1),
      ...{ firstBlock: 4, numBlocks: 4, attempts: 1 },
    });
    expect(await parts().claim(partOf(run, 1), 'other')).toMatchObject({ attempts: 2 });
    await parts().complete(partOf(run, 1), 'result-1');
    await parts().complete(partOf(run, 1), 'later');
    await parts().fail(partOf(run, 1), { code: 'internal-error', detail: 'late' });
    expect(await open(run)).toEqual([]);
    expect(await parts().claim(partOf(run, 1), 'w')).toBeNull();
    expect(await parts().isWanted(partOf(run, 1))).toBe(false);
    expect(await parts().findNeeds(partOf(run, 1), 'w')).toBeNull();
    expect(await parts().isWanted(partOf(run, 0))).toBe(true);
    expect(await parts().progress(run.id, 'a')).toEqual({
      parts: { done: 1, all: 3 },
      ...{ blocks: 9, blocksDone: 4, error: null },
    });
    expect(await parts().findResults(run.id, 'a')).toEqual([{ ...partOf(run, 1), result: 'result-1' }]);
    expect(await openOf(run)).toEqual([0, 2]);
    expect((await parts().findOpen()).find(({ runId }) => runId === run.id)).toMatchObject({
      requestId: 'shop-42',
      traceParent: null,
    });
  });

  it('are to be solved again when their result is lost', async () => {
    const run = await start();
    await open(run);
    await parts().complete(partOf(run, 0), 'result');
    await parts().reopen(partOf(run, 0));
    expect(await openOf(run)).toEqual([0, 1, 2]);
    expect(await parts().findResults(run.id, 'a')).toEqual([]);
  });

  it('say why one has failed', async () => {
    const run = await start();
    await open(run);
    await parts().fail(partOf(run, 2), { code: 'numerically-singular', detail: 'pivot 3' });
    expect(await parts().progress(run.id, 'a')).toEqual({
      parts: { done: 0, all: 3 },
      ...{ blocks: 9, blocksDone: 0 },
      error: { code: 'numerically-singular', detail: 'pivot 3' },
    });
    expect(await openOf(run)).toEqual([0, 1]);
    expect(await parts().claim(partOf(run, 2), 'w')).toBeNull();
  });

  it('give way to those of another task, and name what nobody needs then', async () => {
    const run = await start();
    await open(run);
    await parts().complete(partOf(run, 0), 'result');
    expect([...(await open(run, 'b', RANGES.slice(0, 1)))!].sort()).toEqual(['a', 'result']);
    expect(await parts().progress(run.id, 'a')).toEqual({
      parts: { done: 0, all: 0 },
      ...{ blocks: 0, blocksDone: 0, error: null },
    });
    expect(await parts().isWanted(partOf(run, 1))).toBe(false);
    expect(await openOf(run)).toEqual([0]);
  });

  it('are not made by an attempt that has lost the run', async () => {
    const run = await start();
    await runs().claim(run.id, 'heir');
    expect(await open(run)).toBeNull();
    expect(await open({ id: randomUUID(), attempts: 1 })).toBeNull();
    expect(await data.count('training_parts', `run_id = '${run.id}'`)).toBe(0);
  });

  it('stay while their run waits for another worker', async () => {
    const run = await start();
    await open(run);
    await runs().release(run.id, 'w');
    await deleteOver();
    expect(await openOf(run)).toEqual([0, 1, 2]);
    expect(await parts().claim(partOf(run, 0), 'w')).not.toBeNull();
  });

  it('are not wanted once the run is told to end, and gone soon after its end', async () => {
    const run = await start();
    await open(run);
    await runs().requestCancel('default', run.id);
    expect(await parts().isWanted(partOf(run, 0))).toBe(false);
    expect(await parts().claim(partOf(run, 0), 'w')).toBeNull();
    expect(await openOf(run)).toEqual([]);
    await runs().finish(run.id, { status: 'cancelled' });
    expect(await parts().findKernels(run.id)).toBeNull();
    expect(await open(run)).toBeNull();
    await deleteOver();
    expect(await data.count('training_parts', `run_id = '${run.id}'`)).toBe(0);
  });

  describeArtifactStore('PostgreSQL', () => ({
    store: new PostgresArtifacts(data.database),
    startRun: async () => (await start()).id,
    endRun: (runId) => runs().finish(runId, { status: 'cancelled' }),
    damage: async (name, how) => {
      const change =
        how === 'change'
          ? 'UPDATE training_artifacts SET bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) WHERE name = $1 AND position = 1'
          : 'DELETE FROM training_artifacts WHERE name = $1 AND position = 2';
      await data.server.query(change, [name]);
    },
  }));
});
