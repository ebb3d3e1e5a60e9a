import fc from 'fast-check';
import {
  blockSystem,
  ComputeThreads,
  CsrMatrix,
  isKernelSupported,
  KERNEL_NAMES,
  loadKernels,
  mergeBlocks,
  planBlocks,
  READOUTS,
  seededRandom,
  solveBlocks,
  SingularMatrixError,
  type BlockPart,
  type BlockPlan,
  type BlockSystem,
} from '../index.js';
import { naiveGram, naiveInverse, naiveTopK, toDense } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';
import { withArena } from '../wasm/memory.js';
import { transpose } from '../wasm/transpose.js';
import { BlockFactor } from './block-factor.js';

const TOLERANCE = 1e-4;
const ALL = ['scaled', 'plain'] as const;
const compute = new ComputeThreads({ threads: 1 });

/** Some kinds of columns, and noise. */
function tastes(numRows: number, numCols: number, seed: number, kinds = 4): CsrMatrix {
  const random = seededRandom(seed);
  const cells = Array.from({ length: numRows * numCols }, (_, cell) => cell).filter((cell) => {
    const [row, column] = [Math.floor(cell / numCols), cell % numCols];
    return random() < (row % kinds === column % kinds ? 0.3 : 0.05);
  });
  const rows = cells.map((cell) => Math.floor(cell / numCols));
  return CsrMatrix.fromCoo({ numRows, numCols, rows, cols: cells.map((cell) => cell % numCols) });
}

function ridgeOf(x: CsrMatrix): Float32Array {
  return Float32Array.from({ length: x.numCols }, (_, column) => 2 + (column % 3));
}

function systemOf(x: CsrMatrix): BlockSystem {
  return blockSystem(compute, x, ridgeOf(x));
}

/** A, in double precision. */
function denseSystem(x: CsrMatrix): number[][] {
  const ridge = ridgeOf(x);
  return naiveGram(x).map((row, i) => row.map((value, j) => value + (i === j ? ridge[i]! : 0)));
}

function solveAll(system: BlockSystem, { blocks }: BlockPlan, keep = 1_000): Promise<BlockPart[]> {
  return solveBlocks(compute, system, blocks, { keep, lists: ALL });
}

/** p_kj by "k j" for each j of a core, from the dense inverse of each block. */
function naiveColumns(a: number[][], { blocks }: BlockPlan): Map<string, number> {
  const known = new Map<string, number>();
  for (const { core, halo } of blocks) {
    const columns = [...core, ...halo];
    const inverse = naiveInverse(columns.map((i) => columns.map((j) => a[i]![j]!)));
    for (const [c, j] of core.entries())
      columns.forEach((k, row) => known.set(`${k} ${j}`, inverse[row]![c]!));
  }
  return known;
}

describe('a plan of blocks', () => {
  it('has every column in one core, of sizes that differ by one at most, with the closest around it', async () => {
    const x = tastes(40, 37, 3);
    const a = denseSystem(x);
    const { blocks } = await planBlocks(compute, systemOf(x), { blockSize: 17, coreSize: 8, seed: 1 });
    expect(blocks.map(({ core }) => core.length).sort()).toEqual([7, 7, 7, 8, 8]);
    const cores = blocks.flatMap(({ core }) => [...core]).sort((i, j) => i - j);
    expect(cores).toEqual([...Array(37).keys()]);
    for (const { core, halo } of blocks) {
      const weights = a.map((row, j) =>
        [...core].reduce((sum, k) => sum + row[k]! ** 2 / (row[j]! * a[k]![k]!), 0),
      );
      const nearest = naiveTopK(weights, 17 - core.length, (j) => !core.includes(j));
      expect([...halo]).toEqual(nearest.sort((i, j) => i - j));
    }
  });

  it('is the same by every build of the kernels', async () => {
    const x = tastes(300, 200, 4).scale({ rows: Float32Array.from({ length: 300 }, (_, r) => 1 / (1 + r)) });
    const plans = KERNEL_NAMES.filter(isKernelSupported).map((name) => {
      const kernels = loadKernels(name);
      const threads = new ComputeThreads({ threads: 1, kernels });
      const system = blockSystem(threads, x, ridgeOf(x));
      return planBlocks(threads, system, { blockSize: 60, coreSize: 25, seed: 1 });
    });
    for (const plan of await Promise.all(plans)) expect(plan).toEqual(await plans[0]);
  });

  it('puts columns of one kind into one core', async () => {
    const x = tastes(400, 64, 5, 2);
    const { blocks } = await planBlocks(compute, systemOf(x), { blockSize: 32, coreSize: 32, seed: 1 });
    expect(blocks).toHaveLength(2);
    for (const { core } of blocks) expect(new Set(core.map((column) => column % 2)).size).toBe(1);
  });

  it('cuts cores further where a block has too many pairs', async () => {
    const x = tastes(60, 48, 7);
    const counts = x.columnCounts();
    const sizes = { blockSize: 24, coreSize: 12, seed: 1 };
    const { blocks } = await planBlocks(compute, systemOf(x), { ...sizes, maxPairs: 90 });
    const pairsOf = (columns: Uint32Array) => columns.reduce((sum, column) => sum + counts[column]!, 0);
    for (const { core, halo } of blocks)
      expect(core.length === 1 || pairsOf(core) + pairsOf(halo) <= 90).toBe(true);
    expect(blocks.flatMap(({ core }) => [...core]).sort((i, j) => i - j)).toEqual([...Array(48).keys()]);
    expect(Math.max(...blocks.map(({ core }) => core.length))).toBeLessThan(12);
  });

  it.each([
    ['without entries', CsrMatrix.fromCoo({ numRows: 3, numCols: 9, rows: [], cols: [] })],
    ['of one row', CsrMatrix.fromCoo({ numRows: 1, numCols: 9, rows: [0, 0, 0], cols: [1, 4, 8] })],
    ['of no row', CsrMatrix.fromCoo({ numRows: 0, numCols: 9, rows: [], cols: [] })],
    ['of one column', CsrMatrix.fromCoo({ numRows: 2, numCols: 1, rows: [1], cols: [0] })],
    ['of no column', CsrMatrix.fromCoo({ numRows: 2, numCols: 0, rows: [], cols: [] })],
  ])('is there for a matrix %s, and its blocks are solved', async (_, x) => {
    const system = systemOf(x);
    const plan = await planBlocks(compute, system, { blockSize: 4, coreSize: 2, seed: 1 });
    const parts = await solveAll(system, plan);
    const merged = mergeBlocks(compute.kernels, parts, { numCols: x.numCols, readout: 'mean', keep: 3 });
    expect(parts.reduce((sum, { core }) => sum + core.length, 0)).toBe(x.numCols);
    expect(merged.numRows).toBe(x.numCols);
  });
});

describe('the factor of a block', () => {
  it.each([
    [1, 1],
    [5, 5],
    [9, 2],
    [23, 4],
    [23, 11],
    [40, 7],
  ])('of order %p gives the columns of the inverse for the last %p', (order, coreSize) => {
    const x = tastes(30, order, order);
    const inverse = naiveInverse(denseSystem(x));
    const zt = transpose(compute.kernels, x);
    for (const tileSize of [1, 4, 16, 512]) {
      const found = compute.kernels.run((exports) =>
        withArena(exports, (arena) => {
          const panel = new BlockFactor(arena, { zt, ridge: ridgeOf(x), coreSize }, tileSize).solve();
          return arena.floats(panel, coreSize * order).slice();
        }),
      );
      const expected = inverse.slice(order - coreSize).flat();
      expected.forEach((value, e) => expect(Math.abs(found[e]! - value)).toBeLessThan(TOLERANCE));
    }
  });
});

describe('blocks of a matrix', () => {
  it('know the columns of their dense inverses, and say how far they are off', async () => {
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(9, 14, 1),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 14 }),
        async (x, coreSize, around) => {
          const system = systemOf(x);
          const plan = await planBlocks(compute, system, { blockSize: coreSize + around, coreSize, seed: 2 });
          const known = naiveColumns(denseSystem(x), plan);
          for (const { core, diagonal, lists, residual } of await solveAll(system, plan)) {
            expect(residual).toBeLessThan(TOLERANCE);
            const { counts, rows, values } = lists.plain!;
            let at = 0;
            core.forEach((j, c) => {
              expect(Math.abs(diagonal[c]! - known.get(`${j} ${j}`)!)).toBeLessThan(TOLERANCE);
              for (const end = at + counts[c]!; at < end; at++)
                expect(Math.abs(values[at]! - known.get(`${rows[at]!} ${j}`)!)).toBeLessThan(TOLERANCE);
            });
          }
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });

  it('keep the largest entries of each column, by itself or times the diagonal', async () => {
    const x = tastes(50, 30, 9);
    const a = denseSystem(x);
    const system = systemOf(x);
    const plan = await planBlocks(compute, system, { blockSize: 30, coreSize: 10, seed: 1 });
    const inverse = naiveInverse(a);
    for (const { core, lists } of await solveAll(system, plan, 6))
      for (const kind of ALL) {
        const { counts, rows } = lists[kind]!;
        core.forEach((j, c) => {
          const sizes = inverse.map((row, k) => Math.abs(row[j]!) * (kind === 'scaled' ? a[k]![k]! : 1));
          const best = naiveTopK(sizes, 6, (k) => k !== j).sort((i, k) => i - k);
          expect(counts[c]).toBe(6);
          expect([...rows.subarray(6 * c, 6 * c + 6)]).toEqual(best);
        });
      }
  });

  it('do not solve what float32 cannot', async () => {
    const alike = CsrMatrix.fromCoo({
      numRows: 4_000,
      numCols: 4,
      rows: Array.from({ length: 16_000 }, (_, e) => e % 4_000),
      cols: Array.from({ length: 16_000 }, (_, e) => Math.floor(e / 4_000)),
    });
    const system = blockSystem(compute, alike, new Float32Array(4).fill(1e-6));
    const plan = await planBlocks(compute, system, { blockSize: 4, coreSize: 4, seed: 1 });
    await expect(solveAll(system, plan)).rejects.toBeInstanceOf(SingularMatrixError);
  });
});

describe('merged blocks', () => {
  it.each(READOUTS)('have the largest entries of each row of B, by %s', async (readout) => {
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(9, 14, 1),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        async (x, coreSize, around) => {
          const system = systemOf(x);
          const plan = await planBlocks(compute, system, { blockSize: coreSize + around, coreSize, seed: 2 });
          const known = naiveColumns(denseSystem(x), plan);
          const parts = await solveAll(system, plan);
          const { numCols } = x;
          const merged = toDense(mergeBlocks(compute.kernels, parts, { numCols, readout, keep: numCols }));
          for (let j = 0; j < numCols; j++)
            for (let k = 0; k < numCols; k++) {
              const [column, row] = [known.get(`${j} ${k}`), known.get(`${k} ${j}`)];
              const both = [column ?? row ?? 0, row ?? column ?? 0] as const;
              const p = { column: column ?? 0, row: row ?? 0, mean: (both[0] + both[1]) / 2 }[readout];
              const expected = j === k ? 0 : -p / known.get(`${k} ${k}`)!;
              expect(Math.abs(merged[j]![k]! - expected)).toBeLessThan(TOLERANCE);
            }
        },
      ),
      { numRuns: 40, seed: 13 },
    );
  });

  it('keep the largest entries of each row, ties to the lower column', () => {
    const column = (core: number[], counts: number[], rows: number[], values: number[]): BlockPart => {
      const list = {
        counts: Uint32Array.from(counts),
        rows: Uint32Array.from(rows),
        values: Float32Array.from(values),
      };
      const diagonal = new Float32Array(core.length).fill(1);
      return { core: Uint32Array.from(core), diagonal, lists: { scaled: list }, residual: 0 };
    };
    const parts = [
      column([1, 3], [2, 1], [0, 2, 0], [-1, -4, -1]),
      column([0, 2], [3, 1], [1, 2, 3, 3], [-1, -1, -1, -2]),
    ];
    const merge = (given: BlockPart[]) =>
      mergeBlocks(compute.kernels, given, { numCols: 4, readout: 'mean', keep: 2 });
    expect(toDense(merge(parts))).toEqual([
      [0, 1, 1, 0],
      [1, 0, 4, 0],
      [0, 4, 0, 2],
      [1, 0, 2, 0],
    ]);
    expect(merge([...parts].reverse())).toEqual(merge(parts));
    expect(() => merge(parts.slice(1))).toThrow('each column must be in one core');
  });

  it('have the same bits for any number of threads and any order of the blocks', async () => {
    const x = tastes(300, 200, 4);
    const sizes = { blockSize: 60, coreSize: 25, seed: 1 };
    const fits = await Promise.all(
      [1, 2, 3].map(async (count) => {
        const threads = new ComputeThreads({ threads: count });
        const system = blockSystem(threads, x, ridgeOf(x));
        const { blocks } = await planBlocks(threads, system, sizes);
        const inOrder = count === 3 ? [...blocks].reverse() : blocks;
        const parts = await solveBlocks(threads, system, inOrder, { keep: 40, lists: ['scaled'] });
        const merge = { numCols: 200, readout: 'mean', keep: 20 } as const;
        const merged = mergeBlocks(threads.kernels, parts, merge);
        threads.close();
        return merged;
      }),
    );
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2]).toEqual(fits[0]);
  });
});
