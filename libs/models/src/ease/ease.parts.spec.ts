import type { DomainError } from '#domain';
import {
  CsrMatrix,
  isKernelSupported,
  KERNEL_NAMES,
  loadKernels,
  probeKernels,
  seededRandom,
  solveBlocks,
  type BlockPart,
} from '#sparse';
import type { BlockSolver } from '../recommender.js';
import { fiveTastes } from '../testing/toy-datasets.js';
import { ease } from './ease.model.js';
import { easeParameters, type EaseParameters } from './ease.params.js';
import { partBytes } from './ease.part-bytes.js';
import { BlockTaskSolver, cutIntoParts, decodeBlockParts, encodeBlockTask } from './ease.parts.js';

const KERNELS = probeKernels(loadKernels());
const SIZES = { form: 'blocks', blockSize: 20, coreSize: 4 } as const;

/** Parts in an order that the seed says, some of them twice, by one of two that have the task. */
function elsewhere(seed: number, threads: readonly number[]): BlockSolver {
  return async (_compute, system, blocks, options) => {
    const task = encodeBlockTask(system, blocks, options, KERNELS);
    const solvers = threads.map((count) => new BlockTaskSolver(task.slice(), count));
    const random = seededRandom(seed);
    const parts = cutIntoParts(blocks.length);
    expect(parts.length).toBeGreaterThan(3);
    const found = new Map<number, BlockPart[]>();
    for (const range of [...parts, ...parts.slice(1)].sort(() => random() - 0.5)) {
      const solver = solvers[Math.floor(solvers.length * random())]!;
      found.set(range.first, decodeBlockParts(await solver.solve(range)));
    }
    for (const solver of solvers) solver.close();
    return [...found.values()].flat();
  };
}

describe('blocks that others solve', () => {
  it.each(['mean', 'column', 'row'] as const)('make the same bytes, by %s', async (readout) => {
    const given = easeParameters.parse({ ...SIZES, readout, userWeightExponent: 0.5, dropout: 0.3 });
    const bytes = async (solveBlocks?: BlockSolver) =>
      (await ease.fit(fiveTastes(), given, { seed: 1, solveBlocks })).recommender.encode();
    const alone = await bytes();
    expect(await bytes(elsewhere(1, [1, 1]))).toEqual(alone);
    expect(await bytes(elsewhere(2, [1, 2]))).toEqual(alone);
  });

  it('need no more memory for one part than the estimate of the run counts', async () => {
    const given = easeParameters.parse(SIZES);
    const matrix = fiveTastes();
    const { numRows: numUsers, numCols: numItems, nnz } = matrix;
    const estimate = ease.estimate({ numUsers, numItems, nnz }, given, 1);
    const noted: ReturnType<typeof partBytes>[] = [];
    const noting: BlockSolver = (compute, system, blocks, options) => {
      const task = encodeBlockTask(system, blocks, options, KERNELS);
      noted.push(partBytes(system, blocks, options, task.length));
      return solveBlocks(compute, system, blocks, options);
    };
    await ease.fit(matrix, given, { seed: 1, solveBlocks: noting });
    const [{ fixedBytes, threadBytes }] = noted as [ReturnType<typeof partBytes>];
    expect(fixedBytes).toBeGreaterThan(3 * 8 * nnz);
    expect(fixedBytes + threadBytes).toBeLessThan(estimate.peakBytes + estimate.flowBytes!);
  });

  it('say why they cannot be solved as those do that are solved at once', async () => {
    const alike = CsrMatrix.fromCoo({
      numRows: 4_000,
      numCols: 16,
      rows: Array.from({ length: 64_000 }, (_, e) => Math.floor(e / 16)),
      cols: Array.from({ length: 64_000 }, (_, e) => e % 16),
    });
    const given: EaseParameters = easeParameters.parse({
      ...{ form: 'blocks', blockSize: 4, coreSize: 1, regularization: 1e-5 },
    });
    const reason = (solveBlocks?: BlockSolver) =>
      ease.fit(alike, given, { seed: 1, solveBlocks }).then(
        () => 'it was solved',
        (error: unknown) => ({ code: (error as DomainError).code, message: String(error) }),
      );
    const alone = await reason();
    expect(alone).toMatchObject({ code: 'numerically-singular' });
    const first: BlockSolver = async (_compute, system, blocks, options) => {
      const task = encodeBlockTask(system, blocks, options, KERNELS);
      return decodeBlockParts(await new BlockTaskSolver(task, 1).solve({ first: 0, count: 1 }));
    };
    expect(await reason(first)).toEqual(alone);
  });

  const bothBuilds = KERNEL_NAMES.every(isKernelSupported) ? it : it.skip;

  bothBuilds('are solved by the kernels alone that the task names, of which builds differ', async () => {
    const [one, other] = KERNEL_NAMES.map((name) => probeKernels(loadKernels(name)));
    expect(probeKernels(loadKernels())).toBe(KERNELS);
    expect(one).not.toBe(other);
    const foreign = [one, other].find((probe) => probe !== KERNELS)!;
    const refused: BlockSolver = (_compute, system, blocks, options) => {
      new BlockTaskSolver(encodeBlockTask(system, blocks, options, foreign), 1);
      throw new Error('it was taken');
    };
    await expect(
      ease.fit(fiveTastes(), easeParameters.parse(SIZES), { seed: 1, solveBlocks: refused }),
    ).rejects.toMatchObject({ code: 'kernels-differ' });
  });

  it('are refused when their bytes are damaged', () => {
    expect(() => new BlockTaskSolver(new Uint8Array(40), 1)).toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
    expect(() => decodeBlockParts(new Uint8Array(40))).toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
  });
});

describe('the parts of a task', () => {
  it.each([0, 1, 4, 5, 41, 256, 977, 5_000])('have each of %d blocks once', (numBlocks) => {
    const parts = cutIntoParts(numBlocks);
    const blocks = parts.flatMap(({ first, count }) => Array.from({ length: count }, (_, n) => first + n));
    expect(blocks).toEqual(Array.from({ length: numBlocks }, (_, n) => n));
    expect(parts.every(({ count }) => count >= 1 && count <= 16)).toBe(true);
  });

  it('are enough for several workers, and not too many for a queue', () => {
    expect([41, 256, 977, 10_000].map((numBlocks) => cutIntoParts(numBlocks).length)).toEqual([
      11, 64, 62, 625,
    ]);
  });
});
