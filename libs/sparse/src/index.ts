export { GRAM, gramFactors, type ChebyshevSeries, type GramFactors } from './chebyshev.js';
export { factorGram, factorGramHere, RowSolver, solveRows, type RowSystems } from './als.js';
export { ComputeThreads } from './compute-threads.js';
export { CsrMatrix, type Coordinates, type CsrArrays, type SparseVector } from './csr-matrix.js';
export { DenseMatrix, type SharedDense } from './dense-matrix.js';
export { CapacityExceededError, ShapeError, SingularMatrixError, SparseError } from './errors.js';
export { FactorMatrix, type StoredFactors } from './factor-matrix.js';
export { GramProducts } from './gram-products.js';
export { computeGram, transpose, type ProgressOptions } from './gram.js';
export { invertPositiveDefinite } from './inverse.js';
export { Kernels, loadKernels } from './kernels.js';
export { bestKernel, isKernelSupported, KERNEL_NAMES, type KernelName, type MemoryKind } from './loader.js';
export {
  ItemScorer,
  type ItemSide,
  type Scorer,
  type TopK,
  type TopKOptions,
  type UserSide,
} from './item-scorer.js';
export { BorrowedScorer, type LentScorer, type Loan, type SharedItemSide } from './lent-scorer.js';
export { nearestColumns, type Similarity } from './similarity.js';
export { diagonalOfSandwich, largestPerRow, SymmetricStrips, type Scaling } from './strips.js';
export { SymmetricMatrix } from './symmetric-matrix.js';
export { rankRows, type RankedRows } from './rank-rows.js';
export { rankUsers, type BatchItemSide, type FilteredGram, type UserBatch } from './rank-users.js';
export { seededNormal, seededRandom } from './seeded-random.js';
export {
  computeTruncatedSvd,
  truncatedSvdBytes,
  truncatedSvdWidth,
  type TruncatedSvd,
  type TruncatedSvdOptions,
} from './truncated-svd.js';
export {
  GraphTrainer,
  type ContrastNodes,
  type EmbeddingGraph,
  type TrainerState,
  type TrainingStep,
} from './graph-trainer.js';
