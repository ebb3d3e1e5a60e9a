export { GRAM, gramFactors, type ChebyshevSeries, type GramFactors } from './spectrum/chebyshev.js';
export { factorGram, factorGramHere, RowSolver, solveRows, type RowSystems } from './training/als.js';
export { ComputeThreads } from './threads/compute-threads.js';
export { CsrMatrix, type Coordinates, type CsrArrays, type SparseVector } from './matrices/csr-matrix.js';
export { DenseMatrix, type SharedDense } from './matrices/dense-matrix.js';
export { CapacityExceededError, ShapeError, SingularMatrixError, SparseError } from './errors.js';
export { FactorMatrix, type StoredFactors } from './matrices/factor-matrix.js';
export { GramProducts } from './spectrum/gram-products.js';
export { computeGram } from './gram/gram.js';
export { transpose } from './wasm/transpose.js';
export { type ProgressOptions } from './threads/operation.js';
export { invertPositiveDefinite } from './gram/inverse.js';
export { Kernels, loadKernels } from './wasm/kernels.js';
export {
  bestKernel,
  isKernelSupported,
  KERNEL_NAMES,
  type KernelName,
  type MemoryKind,
} from './wasm/loader.js';
export { ItemScorer } from './scoring/item-scorer.js';
export { type ItemSide, type Scorer, type TopK, type TopKOptions, type UserSide } from './scoring/scorer.js';
export {
  LentScorer,
  type LentScorerParts,
  type Lending,
  type SharedItemSide,
} from './scoring/lent-scorer.js';
export { nearestColumns, type Similarity } from './gram/similarity.js';
export { SymmetricStrips } from './gram/symmetric-strips.js';
export { diagonalOfSandwich } from './gram/diagonal-of-sandwich.js';
export { largestPerRow, type Scaling } from './gram/largest-per-row.js';
export { SymmetricMatrix } from './matrices/symmetric-matrix.js';
export { rankRows, type RankedRows } from './scoring/rank-rows.js';
export { rankUsers, type BatchItemSide, type FilteredGram, type UserBatch } from './scoring/rank-users.js';
export { seededNormal, seededRandom } from './seeded-random.js';
export {
  computeTruncatedSvd,
  truncatedSvdBytes,
  truncatedSvdWidth,
  type TruncatedSvd,
  type TruncatedSvdOptions,
} from './spectrum/truncated-svd.js';
export {
  GraphTrainer,
  type ContrastNodes,
  type EmbeddingGraph,
  type TrainerState,
  type TrainingStep,
} from './training/graph-trainer.js';
export { lowerBound } from './lower-bound.js';
export { blockSystem, type BlockSystem } from './blocks/block-system.js';
export { embeddingBytes } from './blocks/column-embedding.js';
export { haloBytesPerThread } from './blocks/halos.js';
export {
  MAX_BLOCK_PAIRS,
  planBlocks,
  type Block,
  type BlockPlan,
  type BlockPlanOptions,
} from './blocks/block-plan.js';
export {
  blockBytesPerThread,
  listBytes,
  solveBlocks,
  type BlockOptions,
  type BlockPart,
  type ColumnLists,
  type ListKind,
} from './blocks/block-inverse.js';
export { probeKernels } from './blocks/kernel-probe.js';
export { listOf, mergeBlocks, READOUTS, type Readout } from './blocks/merge-blocks.js';
