import { DomainError } from '#domain';
import {
  blockSystem,
  ComputeThreads,
  CsrMatrix,
  probeKernels,
  SingularMatrixError,
  solveBlocks,
  type Block,
  type BlockOptions,
  type BlockPart,
  type BlockSystem,
  type ColumnLists,
  type ListKind,
} from '#sparse';
import { decodeFrame, encodeFrame, section, type FrameContent } from '../artifact/frame.js';

const TASK = ['block-task', 1] as const;
const PARTS = ['block-parts', 1] as const;

/** Parts that there are at most, unless they had more blocks each than the last of these numbers. */
const MAX_PARTS = 64;
/** Blocks of a part: some, so that threads share them; not so many that a lost part is much work. */
const [LEAST_BLOCKS, MOST_BLOCKS] = [4, 16];

/** Blocks `first ..< first + count` of a task. */
export interface BlockRange {
  readonly first: number;
  readonly count: number;
}

/** The parts that workers take one at a time, by the number of blocks alone. */
export function cutIntoParts(numBlocks: number): BlockRange[] {
  const size = Math.min(MOST_BLOCKS, Math.max(LEAST_BLOCKS, Math.ceil(numBlocks / MAX_PARTS)));
  return Array.from({ length: Math.ceil(numBlocks / size) }, (_, part) => ({
    first: part * size,
    count: Math.min(size, numBlocks - part * size),
  }));
}

/**
 * All that it takes to solve blocks: Y, the ridge, the columns of each block and what is kept of it.
 *
 * @param kernels that may solve them, by `probeKernels`
 */
export function encodeBlockTask(
  { y, ridge }: Pick<BlockSystem, 'y' | 'ridge'>,
  blocks: readonly Block[],
  { keep, lists }: BlockOptions,
  kernels: string,
): Uint8Array {
  const { numRows, numCols, indptr, indices, values } = y;
  const cores = joined(blocks.map(({ core }) => core));
  const halos = joined(blocks.map(({ halo }) => halo));
  return encodeFrame({
    ...named(TASK),
    fields: { numRows, numCols, keep, lists: lists.join(' '), kernels },
    sections: {
      ...{ indptr, indices, values, ridge },
      ...{ coreSizes: cores.sizes, cores: cores.all, haloSizes: halos.sizes, halos: halos.all },
    },
  });
}

/** Solves blocks of a task, some at a time; the same bytes whoever does it. */
export class BlockTaskSolver {
  readonly #compute: ComputeThreads;
  readonly #system: BlockSystem;
  readonly #blocks: readonly Block[];
  readonly #options: BlockOptions;

  /**
   * @throws DomainError `model-corrupt` when the bytes are not those of a task, and `kernels-differ` when
   * other kernels are to solve it
   */
  constructor(bytes: Uint8Array, threads: number) {
    const content = decodeFrame(bytes, ...TASK);
    const numbers = (name: string) => section(content, name, 'u32');
    const cores = cut(numbers('cores'), numbers('coreSizes'));
    const halos = cut(numbers('halos'), numbers('haloSizes'));
    this.#blocks = cores.map((core, block) => ({ core, halo: halos[block]! }));
    const { keep, lists } = content.fields;
    this.#options = { keep: Number(keep), lists: String(lists).split(' ') as ListKind[] };
    this.#compute = new ComputeThreads({ threads });
    if (content.fields['kernels'] !== probeKernels(this.#compute.kernels))
      throw new DomainError('kernels-differ', 'Blocks of a run came to kernels that round otherwise.');
    this.#system = blockSystem(this.#compute, matrixOf(content), section(content, 'ridge', 'f32'));
  }

  /** @throws DomainError `numerically-singular` when float32 is not enough for a block */
  async solve({ first, count }: BlockRange): Promise<Uint8Array> {
    const blocks = this.#blocks.slice(first, first + count);
    try {
      return encodeBlockParts(await solveBlocks(this.#compute, this.#system, blocks, this.#options));
    } catch (error) {
      if (!(error instanceof SingularMatrixError)) throw error;
      throw new DomainError('numerically-singular', error.message, { cause: error });
    }
  }

  close(): void {
    this.#compute.close();
  }
}

function encodeBlockParts(parts: readonly BlockPart[]): Uint8Array {
  const kinds = Object.keys(parts[0]?.lists ?? {}) as ListKind[];
  const cores = joined(parts.map(({ core }) => core));
  const lists = kinds.flatMap((kind): [string, Uint32Array | Float32Array][] => {
    const ofKind = parts.map((part) => part.lists[kind]!);
    return [
      [`${kind}-counts`, joined(ofKind.map(({ counts }) => counts)).all],
      [`${kind}-sizes`, Uint32Array.from(ofKind, ({ rows }) => rows.length)],
      [`${kind}-rows`, joined(ofKind.map(({ rows }) => rows)).all],
      [`${kind}-values`, joinedFloats(ofKind.map(({ values }) => values))],
    ];
  });
  return encodeFrame({
    ...named(PARTS),
    // As JSON, since a section has no double precision.
    fields: { kinds: kinds.join(' '), residuals: JSON.stringify(parts.map(({ residual }) => residual)) },
    sections: {
      ...{ coreSizes: cores.sizes, cores: cores.all },
      diagonal: joinedFloats(parts.map(({ diagonal }) => diagonal)),
      ...Object.fromEntries(lists),
    },
  });
}

/** What `BlockTaskSolver.solve` has found. @throws DomainError `model-corrupt` on any other bytes */
export function decodeBlockParts(bytes: Uint8Array): BlockPart[] {
  const content = decodeFrame(bytes, ...PARTS);
  const sizes = section(content, 'coreSizes', 'u32');
  const cores = cut(section(content, 'cores', 'u32'), sizes);
  const diagonals = cut(section(content, 'diagonal', 'f32'), sizes);
  const kinds = String(content.fields['kinds']).split(' ') as ListKind[];
  const lists = kinds.map((kind) => [kind, listsOf(content, kind, sizes)] as const);
  const residuals = JSON.parse(String(content.fields['residuals'])) as number[];
  return cores.map((core, part) => ({
    core,
    diagonal: diagonals[part]!,
    lists: Object.fromEntries(lists.map(([kind, ofKind]) => [kind, ofKind[part]!])),
    residual: residuals[part]!,
  }));
}

function listsOf(content: FrameContent, kind: ListKind, coreSizes: Uint32Array): ColumnLists[] {
  const sizes = section(content, `${kind}-sizes`, 'u32');
  const counts = cut(section(content, `${kind}-counts`, 'u32'), coreSizes);
  const rows = cut(section(content, `${kind}-rows`, 'u32'), sizes);
  const values = cut(section(content, `${kind}-values`, 'f32'), sizes);
  return counts.map((ofPart, part) => ({ counts: ofPart, rows: rows[part]!, values: values[part]! }));
}

function named([format, version]: readonly [string, number]) {
  return { format, version };
}

function matrixOf(content: FrameContent): CsrMatrix {
  return CsrMatrix.ofChecked({
    numRows: Number(content.fields['numRows']),
    numCols: Number(content.fields['numCols']),
    indptr: section(content, 'indptr', 'u32'),
    indices: section(content, 'indices', 'u32'),
    values: section(content, 'values', 'f32'),
  });
}

function joined(arrays: readonly Uint32Array[]): { readonly sizes: Uint32Array; readonly all: Uint32Array } {
  const sizes = Uint32Array.from(arrays, ({ length }) => length);
  const all = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
  place(all, arrays);
  return { sizes, all };
}

function joinedFloats(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  place(all, arrays);
  return all;
}

function place<Numbers extends Uint32Array | Float32Array>(all: Numbers, arrays: readonly Numbers[]): void {
  let start = 0;
  for (const array of arrays) {
    all.set(array, start);
    start += array.length;
  }
}

/** Views of pieces of the given sizes, one behind the other. */
function cut<Numbers extends Uint32Array | Float32Array>(all: Numbers, sizes: Uint32Array): Numbers[] {
  let end = 0;
  return Array.from(sizes, (size) => {
    end += size;
    return all.subarray(end - size, end) as Numbers;
  });
}
