import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { artifactName } from '#domain';
import { BlockTaskSolver, ComputeThreads, type BlockSolver } from '#models';
import type { FlowMessage, WantedBlocks } from './flow-messages.js';
import { blocksByWorkers } from './thread-blocks.js';

const SYSTEM = {
  y: {
    ...{ numRows: 2, numCols: 2 },
    indptr: Uint32Array.of(0, 2, 3),
    indices: Uint32Array.of(0, 1, 1),
    values: Float32Array.of(1, 1, 2),
  },
  yt: {
    ...{ numRows: 2, numCols: 2 },
    indptr: Uint32Array.of(0, 1, 3),
    indices: Uint32Array.of(0, 0, 1),
    values: Float32Array.of(1, 1, 2),
  },
  ridge: Float32Array.of(1, 2),
} as unknown as Parameters<BlockSolver>[1];
const BLOCKS = [0, 1].map((column) => ({ core: Uint32Array.of(column), halo: Uint32Array.of(1 - column) }));
const COMPUTE = new ComputeThreads({ threads: 1 });

describe('blocks that a thread has solved by workers', () => {
  let workers: MessagePort;
  let solve: BlockSolver;
  const tell = (message: FlowMessage) => workers.postMessage(message);

  beforeEach(() => {
    const { port1, port2 } = new MessageChannel();
    workers = port1;
    solve = blocksByWorkers(port2);
  });
  afterEach(() => workers.close());

  const wanted = () =>
    new Promise<WantedBlocks>((resolve) =>
      workers.once('message', (message: WantedBlocks) => resolve(message)),
    );

  it('come back in parts, of which the last of a position counts', async () => {
    const asked = wanted();
    const onProgress = jest.fn();
    const solved = solve(COMPUTE, SYSTEM, BLOCKS, { keep: 1, lists: ['scaled'], onProgress });
    const { task, bytes, numBlocks, memory } = await asked;
    expect(numBlocks).toBe(2);
    expect(memory.fixedBytes).toBeGreaterThan(bytes.length);
    expect(memory.threadBytes).toBeGreaterThan(0);
    expect(task).toBe(artifactName(bytes));
    const solver = new BlockTaskSolver(bytes, 1);
    const part = async (first: number) =>
      (await solver.solve({ first, count: 1 })) as Uint8Array<ArrayBuffer>;
    tell({ kind: 'progress', share: 0.5 });
    for (const position of [1, 0, 1]) tell({ kind: 'part', position, bytes: await part(position) });
    tell({ kind: 'done' });
    const parts = await solved;
    expect(parts.map(({ core }) => [...core]).sort()).toEqual([[0], [1]]);
    expect(onProgress.mock.calls).toEqual([[0.5]]);
    // A = [[2, 1], [1, 7]]
    const first = parts.find(({ core }) => core[0] === 0)!;
    expect(first.diagonal[0]).toBeCloseTo(7 / 13, 5);
    expect(first.lists.scaled?.values[0]).toBeCloseTo(-1 / 13, 5);
  });

  it('fail with the reason of the worker that failed', async () => {
    const asked = wanted();
    const solved = solve(COMPUTE, SYSTEM, BLOCKS, { keep: 1, lists: ['scaled'] });
    await asked;
    tell({ kind: 'failed', error: { code: 'numerically-singular', detail: 'pivot 3' } });
    await expect(solved).rejects.toMatchObject({ code: 'numerically-singular', message: 'pivot 3' });
  });
});
