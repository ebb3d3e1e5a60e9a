import { Logger } from '@nestjs/common';
import type { ArtifactStore, TrainingPartsRepository } from '#data';
import { DomainError } from '#domain';
import type { BlockQueue } from '#queue';
import { aRun } from '../../testing/builders.js';
import { strictFake } from '../../testing/strict-fake.js';
import { RunSupersededError } from '../run-attempt.js';
import { BlockFlow } from './block-flow.js';
import type { OwnMeans } from './own-means.js';

const RUN = aRun();
const MEMORY = { fixedBytes: 100, threadBytes: 10 };
const WANTED = { task: 'a', bytes: new Uint8Array(3), numBlocks: 9, memory: MEMORY };
const AWAY = new DomainError('database-unavailable', 'away');

const open = (position: number, runId = RUN.id) => ({
  ...{ runId, task: 'a', position },
  ...{ requestId: null, traceParent: null },
});
const result = (position: number) => ({ ...open(position), result: `result-${position}` });
const progress = (blocksDone: number, error: { code: string; detail: string } | null = null) => ({
  parts: { done: Math.floor(blocksDone / 3), all: 3 },
  blocks: 9,
  blocksDone,
  error,
});

describe('BlockFlow', () => {
  const store = { put: jest.fn(), load: jest.fn(), remove: jest.fn() };
  const parts = {
    open: jest.fn(),
    findKernels: jest.fn(),
    findOpen: jest.fn(),
    progress: jest.fn(),
    findResults: jest.fn(),
    reopen: jest.fn(),
  };
  const queue = { enqueueAll: jest.fn() };
  const [tell, onParts] = [jest.fn(), jest.fn()];
  const flow = new BlockFlow(
    strictFake<TrainingPartsRepository>(parts),
    strictFake<ArtifactStore>(store),
    strictFake<BlockQueue>(queue),
    strictFake<OwnMeans>({ probe: 'own' }),
  );
  const solve = (signal = new AbortController().signal) => flow.solve(RUN, WANTED, { signal, tell, onParts });
  const told = () => tell.mock.calls.map(([message]: unknown[]) => message);

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
    store.put.mockResolvedValue(true);
    store.load.mockImplementation((_run, name) => Promise.resolve(new TextEncoder().encode(name as string)));
    parts.open.mockResolvedValue([]);
    parts.findOpen.mockResolvedValue([open(0), open(1), open(0, 'another run')]);
    parts.findResults.mockResolvedValue([result(0), result(1)]);
    queue.enqueueAll.mockResolvedValue(undefined);
  });

  it('keeps the task, enqueues its parts, and tells how far they are and what was found', async () => {
    parts.progress.mockResolvedValueOnce(progress(3)).mockResolvedValueOnce(progress(9));
    parts.open.mockResolvedValue(['old']);
    await solve();
    expect(store.put.mock.calls).toEqual([[RUN.id, 'a', WANTED.bytes]]);
    const ranges = [
      { first: 0, count: 4 },
      { first: 4, count: 4 },
      { first: 8, count: 1 },
    ];
    expect(parts.open.mock.calls).toEqual([[RUN, 'a', ranges, { kernels: 'own', ...MEMORY }]]);
    expect(store.remove.mock.calls).toEqual([[RUN.id, ['old']]]);
    expect(queue.enqueueAll.mock.calls).toEqual([[[open(0), open(1)]]]);
    expect(onParts.mock.calls).toEqual([[{ done: 1, all: 3 }], [{ done: 3, all: 3 }]]);
    expect(told()).toEqual([
      { kind: 'progress', share: 3 / 9 },
      { kind: 'progress', share: 1 },
      { kind: 'part', position: 0, bytes: new TextEncoder().encode('result-0') },
      { kind: 'part', position: 1, bytes: new TextEncoder().encode('result-1') },
      { kind: 'done' },
    ]);
  });

  it('tells why a part has failed', async () => {
    const error = { code: 'numerically-singular', detail: 'pivot 3' };
    parts.progress.mockResolvedValue(progress(4, error));
    await solve();
    expect(told()).toEqual([{ kind: 'failed', error }]);
  });

  it('waits when the queue or the database is away', async () => {
    queue.enqueueAll.mockRejectedValue(new DomainError('queue-unavailable', 'away'));
    parts.progress.mockRejectedValueOnce(AWAY).mockResolvedValueOnce(progress(9));
    await solve();
    expect(told().at(-1)).toEqual({ kind: 'done' });
  });

  it('does not wait when a look fails for good', async () => {
    parts.progress.mockRejectedValue(new Error('no such table'));
    await expect(solve()).rejects.toThrow('no such table');
  });

  it('has a part solved again whose result is not there', async () => {
    parts.progress.mockResolvedValue(progress(9));
    store.load.mockResolvedValueOnce(new Uint8Array(1)).mockResolvedValueOnce(null);
    await solve();
    expect(store.remove).toHaveBeenCalledWith(RUN.id, ['result-1']);
    expect(parts.reopen.mock.calls).toEqual([[result(1)]]);
    expect(queue.enqueueAll).toHaveBeenCalledTimes(2);
    expect(told().filter((message) => (message as { kind: string }).kind === 'done')).toHaveLength(1);
  });

  it.each([
    ['the run is over', () => store.put.mockResolvedValue(false)],
    ['another attempt has the run', () => parts.open.mockResolvedValue(null)],
    [
      'another attempt has another task',
      () => parts.progress.mockResolvedValue({ ...progress(0), blocks: 0 }),
    ],
  ])('ends when %s', async (_, prepare) => {
    prepare();
    await expect(solve()).rejects.toBeInstanceOf(RunSupersededError);
    expect(told()).toEqual([]);
  });

  it('takes no run whose blocks began on other kernels', async () => {
    for (const kernels of [null, 'own']) {
      parts.findKernels.mockResolvedValueOnce(kernels);
      await flow.assertMayTake(RUN);
    }
    parts.findKernels.mockResolvedValue('other');
    await expect(flow.assertMayTake(RUN)).rejects.toMatchObject({
      code: 'kernels-differ',
      message: 'The blocks of the run began on kernels other, and this worker has own.',
    });
  });

  it('ends when the attempt does', async () => {
    parts.progress.mockResolvedValue(progress(3));
    const ended = new AbortController();
    ended.abort();
    await expect(solve(ended.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
