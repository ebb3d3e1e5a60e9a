import { ItemScorer, loadKernels, type CsrMatrix, type Kernels } from '@app/sparse';
import type { FrameContent } from '../artifact/frame.js';
import { roundToStorage, type StorageType } from '../artifact/row-storage.js';
import type { Contribution, History, RankedItems, RankingOptions, Recommender } from '../recommender.js';
import {
  decodeRowSparse,
  encodeRowSparse,
  type RowSparseArtifact,
  type RowSparseFormat,
} from './row-sparse.codec.js';

/** Scores s = x·B for a history x and a sparse B of item-to-item weights, whatever B was computed by. */
export class RowSparseModel implements Recommender {
  readonly #scorer: ItemScorer;

  constructor(
    kernels: Kernels,
    private readonly format: RowSparseFormat,
    private readonly artifact: RowSparseArtifact,
  ) {
    this.#scorer = new ItemScorer(kernels, { rows: artifact.weights });
  }

  /** @throws DomainError `model-corrupt` */
  static decode(format: RowSparseFormat, bytes: Uint8Array): RowSparseModel {
    return new RowSparseModel(loadKernels(), format, decodeRowSparse(format, bytes));
  }

  get kind(): string {
    return this.format.name;
  }

  get numItems(): number {
    return this.artifact.weights.numCols;
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores({ history });
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK({ history }, k, { exclude: history.indices, ...options });
  }

  /** Row j of B: how much item j in a history speaks for each other item. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return this.recommend({ indices: Uint32Array.of(itemIndex), values: Float32Array.of(1) }, k, options);
  }

  /** x_j·B_jk for each past item j that has a part in item k's score. */
  explain(history: History, itemIndex: number): Contribution[] {
    const parts: Contribution[] = [];
    history.indices.forEach((item, position) => {
      const part = history.values[position]! * this.#weight(item, itemIndex);
      if (part !== 0) parts.push({ itemIndex: item, part });
    });
    return parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part) || a.itemIndex - b.itemIndex);
  }

  encode(): Uint8Array {
    return encodeRowSparse(this.format, this.artifact);
  }

  #weight(row: number, column: number): number {
    const { indices, values } = this.artifact.weights.row(row);
    let [low, high] = [0, indices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (indices[middle]! < column) low = middle + 1;
      else high = middle;
    }
    return indices[low] === column ? values[low]! : 0;
  }
}

/** Makes the model of float32 weights in any storage type. */
export function storedModels(
  kernels: Kernels,
  format: RowSparseFormat,
  weights: CsrMatrix,
  provenance: FrameContent['fields'] = {},
): (storage: StorageType) => RowSparseModel {
  return (storage) =>
    new RowSparseModel(kernels, format, {
      weights: roundToStorage(weights, storage),
      storage,
      provenance: { kernel: kernels.name, ...provenance },
    });
}
