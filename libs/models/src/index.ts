export {
  CapacityExceededError,
  ComputeThreads,
  CsrMatrix,
  isKernelSupported,
  loadKernels,
  lowerBound,
  probeKernels,
  seededRandom,
  type CsrArrays,
  type Lending,
  type MemoryKind,
  type RankedRows,
  type SparseVector,
} from '#sparse';
export { decodeHalves, encodeHalves } from './artifact/halves.js';
export { STORAGE_TYPES, type StorageType } from './artifact/row-storage.js';
export { Closeness } from './diversity/closeness.js';
export { chooseDiverse, toRelevance, type DiverseChoice } from './diversity/diverse-choice.js';
export { toTagVector, type TagVector } from './diversity/tag-likeness.js';
export { testDispersion } from './dataset/dispersion.js';
export { holdOut, type Split } from './dataset/split.js';
export { evaluate, evaluateBatch, evaluateModel, type Evaluation } from './evaluation/evaluate.js';
export { evaluateForms, evaluateWhole, type FormEvaluations } from './evaluation/evaluate-forms.js';
export { measureKind, type Measurement } from './evaluation/measure-kind.js';
export {
  BlockTaskSolver,
  cutIntoParts,
  decodeBlockParts,
  encodeBlockTask,
  type BlockRange,
} from './ease/ease.parts.js';
export { partBytes, type PartBytes } from './ease/ease.part-bytes.js';
export { fitOrLeaveOut, reasonToLeaveOut, type CostLimit, type LeftOut } from './leaderboard/left-out.js';
export { chooseBest, DECIDING_METRIC, differencesBetween, validateKind } from './leaderboard/leaderboard.js';
export { pairedDifference } from './metrics/paired-difference.js';
export { KernelTimes, type KernelFigures } from './kernel-times.js';
export { modelKind, modelRegistry, parseParameters, restoreModel } from './model-registry.js';
export { parameterFields, type ParameterField } from './parameter-fields.js';
export { rankScores } from './ranking.js';
export { estimateRunBytes, estimateRunSeconds, type MeasuredRun } from './run-cost.js';
export * from './recommender.js';
export {
  restoreServedModel,
  decodeServedModel,
  encodeServedModel,
  transferServedModel,
  type TransferredServedModel,
  type ServedModel,
} from './served-model.js';
export { decodeNamedModel, encodeNamedModel, type NamedModel } from './named-model.js';
export {
  fitPopularity,
  train,
  type TrainingInput,
  type TrainingOptions,
  type TrainingResult,
  type TrainingStageName,
} from './training.js';
export {
  insertSorted,
  PRIOR_ITEMS,
  removeSorted,
  TagMixtures,
  type Tag,
  type TagScorer,
} from './tags/tag-mixtures.js';
export { tagScale } from './tags/tag-scales.js';
export { tune, type Candidate, type Tuning } from './tuning/tune.js';
