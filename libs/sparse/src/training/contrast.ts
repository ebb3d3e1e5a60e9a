import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, Task } from '../threads/operation.js';
import { Arena, check } from '../wasm/memory.js';

/** Rows of G, with weights, against rows of E that each stand for `scale` nodes; all row-major. */
export interface ContrastSide {
  readonly view: Float32Array;
  readonly weights: Float32Array;
  readonly main: Float32Array;
  readonly scale: number;
}

/** A loss and its derivatives by the rows of G and of E. */
export interface ContrastGradient {
  readonly loss: number;
  readonly byView: Float32Array;
  readonly byMain: Float32Array;
}

/** Bytes of one block of exponents, and its largest number of rows. */
const BLOCK_BYTES = 32 * 2 ** 20;
const BLOCK_ROWS = 512;

/** Rows of G that are done at a time: a matter of the shape alone, so that threads change no sum. */
export function contrastRows(numColumns: number): number {
  return Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / (4 * Math.max(1, numColumns)))));
}

interface ContrastShared {
  readonly sides: readonly ContrastSide[];
  readonly width: number;
  readonly temperature: number;
}

interface ContrastBlock {
  readonly side: number;
  readonly from: number;
  readonly to: number;
}

export const contrastBlocks: Operation<ContrastShared, ContrastBlock, ContrastGradient> = {
  name: 'contrast-blocks',
  open: (kernels, { sides, width, temperature }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const mains = sides.map(({ main }) => arena.copyIn(main));
      const largest = Math.max(...sides.map(({ main }) => main.length));
      const rows = Math.max(
        ...sides.map(({ main, weights }) => Math.min(contrastRows(main.length / width), weights.length)),
      );
      const exponents = Math.max(
        ...sides.map(
          ({ main, weights }) =>
            Math.min(contrastRows(main.length / width), weights.length) * (main.length / width),
        ),
      );
      const [view, weights, byView] = [rows * width, rows, rows * width].map((n) => arena.take(n * 4));
      const [byMain, scratch, loss] = [largest * 4, exponents * 4, 8].map((bytes) => arena.take(bytes));
      const at = { view, weights, byView, byMain, scratch, loss } as { [name: string]: number };
      return {
        run: (block) =>
          kernels.run(() =>
            runBlock(arena, { ...at, main: mains[block.side]! }, { sides, width, temperature }, block),
          ),
        close: () => arena.free(),
      };
    }),
};

function runBlock(
  arena: Arena,
  at: { readonly [name: string]: number },
  { sides, width, temperature }: ContrastShared,
  { side, from, to }: ContrastBlock,
): ContrastGradient {
  const given = sides[side]!;
  const [rows, columns] = [to - from, given.main.length / width];
  const [view, weights, main] = [at['view']!, at['weights']!, at['main']!];
  const [byView, byMain] = [at['byView']!, at['byMain']!];
  arena.write(view, given.view.subarray(from * width, to * width));
  arena.write(weights, given.weights.subarray(from, to));
  const sizes = [rows, columns, width, temperature, given.scale] as const;
  check(
    arena.kernels.contrast_gradient(
      ...sizes,
      view,
      weights,
      main,
      byView,
      byMain,
      at['scratch']!,
      at['loss']!,
    ),
  );
  return {
    loss: arena.doubles(at['loss']!, 1)[0]!,
    byView: arena.floats(byView, rows * width).slice(),
    byMain: arena.floats(byMain, columns * width).slice(),
  };
}

/**
 * Σ_b w_b·ln(s·Σ_j exp(g_b·e_j / τ) + 1e-8) of each side with its derivatives (Cai et al. 2023, as coded).
 * Blocks of rows are shared among threads and summed in their order.
 */
export async function contrastGradients(
  compute: ComputeThreads,
  shared: ContrastShared,
): Promise<ContrastGradient[]> {
  const { sides, width } = shared;
  const tasks = sides.flatMap(({ main, weights }, side) => {
    const rows = contrastRows(main.length / width);
    return Array.from({ length: Math.ceil(weights.length / rows) }, (_, block): Task<ContrastBlock> => {
      const [from, to] = [block * rows, Math.min(weights.length, (block + 1) * rows)];
      return { args: { side, from, to }, cost: (to - from) * main.length, after: [] };
    });
  });
  const parts: ContrastGradient[] = [];
  if (tasks.length > 0)
    await compute.run(contrastBlocks, shared, tasks, {
      onResult: (part, position) => (parts[position] = part),
    });
  return sides.map((given, side) => {
    const own = tasks.flatMap(({ args }, position) =>
      args.side === side ? [{ args, part: parts[position]! }] : [],
    );
    const byView = new Float32Array(given.view.length);
    const byMain = new Float32Array(given.main.length);
    for (const { args, part } of own) {
      byView.set(part.byView, args.from * width);
      for (let i = 0; i < byMain.length; i++) byMain[i]! += part.byMain[i]!;
    }
    return { loss: own.reduce((sum, { part }) => sum + part.loss, 0), byView, byMain };
  });
}
