import {
  ComputeThreads,
  CsrMatrix,
  GRAM,
  gramFactors,
  largestPerRow,
  nearestColumns,
  rankUsers,
  SymmetricStrips,
  type FilteredGram,
} from '#sparse';
import { scoringFactorBytes, storedBytes, storedFactorBytes } from '../artifact/row-storage.js';
import { fitToLikes } from '../likes.js';
import { countEntries } from '../linear/entries-per-row.js';
import type { LowRank } from '../linear/linear.codec.js';
import { embedAll, LinearModel, storedModels } from '../linear/linear.model.js';
import type {
  BatchRanker,
  FitContext,
  FitEstimate,
  MatrixShape,
  RecommenderKind,
  TrainedModel,
} from '../recommender.js';
import { approximateBelow, plateauFilter, valueAt } from './chebyshev-filter.js';
import { embedItems, lowRankOf, type ItemEmbedding } from './item-embedding.js';
import { estimateEmbedding } from './spectral.cost.js';
import { spectralParameters, spectralSearchSpace, type SpectralParameters } from './spectral.params.js';

const FORMAT = { name: 'spectral', version: 1 };

/** Share of a fit that the singular vectors take, for its progress only. */
const EMBEDDING_SHARE = 0.5;

type Compute = { readonly compute: ComputeThreads; readonly onProgress: (fraction: number) => void };

/** The sparse and the low-rank part of the served W, and the ranking by the filter before it was pruned. */
interface Readout {
  readonly weights: CsrMatrix;
  readonly lowRank: LowRank;
  readonly rankUnpruned?: BatchRanker;
}

/**
 * Graph filters of the degree-normalised matrix R = D_u^−eu·X·D_i^−ei with its largest
 * singular vectors V (`embedItems`):
 *
 *   linear     W = RᵀR + a·D^−b·V·Vᵀ·D^b                (GF-CF: Shen et al., CIKM 2021)
 *   chebyshev  W = D^−b·(p(RᵀR) + a·V·Vᵀ)·D^b           (ChebyCF: Kim et al., SIGIR 2025; `plateauFilter`)
 *   svd        W = D^−b·V·Vᵀ·D^b                        (PureSVD on R: Cremonesi et al., RecSys 2010)
 */
async function fit(
  matrix: CsrMatrix,
  parameters: SpectralParameters,
  { seed, onProgress, cache, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const embedding = await embedItems(matrix, parameters, {
    compute,
    seed,
    cache,
    onProgress: (share) => onProgress?.(share * EMBEDDING_SHARE),
  });
  const { weights, lowRank, rankUnpruned } = await READOUTS[parameters.readout](embedding, parameters, {
    compute,
    onProgress: (share) => onProgress?.(EMBEDDING_SHARE + share * (1 - EMBEDDING_SHARE)),
  });
  const { residual } = embedding;
  const storedAs = storedModels(compute.kernels, FORMAT, { weights, lowRank }, { residual });
  return {
    recommender: storedAs(parameters.storage),
    kernel: compute.kernels.name,
    residual,
    storedAs,
    ...(rankUnpruned && { rankUnpruned }),
  };
}

const READOUTS = { linear: readLinear, chebyshev: readChebyshev, svd: readSvd };

async function readLinear(
  embedding: ItemEmbedding,
  { idealWeight, entriesPerRow }: SpectralParameters,
  { compute, onProgress }: Compute,
): Promise<Readout> {
  const { normalized, vectors } = embedding;
  const lowRank = lowRankOf(embedding, new Float32Array(vectors.numCols).fill(idealWeight));
  const keep = countEntries(entriesPerRow, normalized.numCols);
  const weights = await nearestColumns(compute, normalized, { keep }, { onProgress });
  const scaling = new Float32Array(normalized.numCols).fill(1);
  const filter = { series: GRAM, scaling };
  return { weights, lowRank, rankUnpruned: rankByFilter(compute, normalized, filter, lowRank) };
}

/**
 * Singular vectors carry p(RᵀR) exactly on what they span; the sparse part is the rest of it, which a series
 * of lower degree gives, since the rest of the spectrum is short.
 */
async function readChebyshev(
  embedding: ItemEmbedding,
  { idealWeight, flatness, entriesPerRow }: SpectralParameters,
  { compute, onProgress }: Compute,
): Promise<Readout> {
  const { normalized, vectors, singularValues, scaling } = embedding;
  const largest = (singularValues[0] ?? 1) ** 2;
  const published = plateauFilter(flatness);
  const filter = { ...published, scale: published.scale / largest };
  const rest = approximateBelow(filter, (singularValues.at(-1) ?? 1) ** 2);
  const eigenvalues = singularValues.map((value) => value ** 2);
  const matrix = SymmetricStrips.filtered(gramFactors(compute, normalized), rest, {
    vectors,
    weights: eigenvalues.map((value) => -valueAt(rest, value)),
  });
  const rows = scaling.map((scale) => 1 / scale);
  const keep = countEntries(entriesPerRow, normalized.numCols);
  const strips = { matrix, scaling: { rows, columns: scaling } };
  const weights = await largestPerRow(compute, strips, keep, { onProgress });
  const lowRank = lowRankOf(
    embedding,
    eigenvalues.map((value) => valueAt(filter, value) + idealWeight),
  );
  const ideal = { ...lowRank, weights: eigenvalues.map(() => idealWeight) };
  const unpruned = rankByFilter(compute, normalized, { series: filter, scaling }, ideal);
  return { weights, lowRank, rankUnpruned: unpruned };
}

function readSvd(embedding: ItemEmbedding): Promise<Readout> {
  const { numRows, numCols } = embedding.vectors;
  const weights = CsrMatrix.fromCoo({ numRows, numCols: numRows, rows: [], cols: [] });
  return Promise.resolve({ weights, lowRank: lowRankOf(embedding, new Float32Array(numCols).fill(1)) });
}

function rankByFilter(
  compute: ComputeThreads,
  normalized: CsrMatrix,
  { series, scaling }: Omit<FilteredGram, 'factors'>,
  lowRank: LowRank,
): BatchRanker {
  return (histories, k) => {
    const filter = { factors: gramFactors(compute, normalized), series, scaling };
    const embeddings = embedAll(lowRank, histories);
    return rankUsers(compute, { filter, factors: lowRank.factors.toDense() }, { histories, embeddings }, k);
  };
}

function estimate(shape: MatrixShape, parameters: SpectralParameters, threads: number): FitEstimate {
  const { numItems } = shape;
  const embedding = estimateEmbedding(shape, parameters, threads);
  const { rank } = embedding;
  const { entriesPerRow, storage, readout } = parameters;
  const kept = readout === 'svd' ? 0 : numItems * countEntries(entriesPerRow, numItems);
  const strips =
    readout === 'chebyshev'
      ? SymmetricStrips.filteredBytesPerThread(
          { numRows: shape.numUsers, numCols: numItems, nnz: shape.nnz },
          rank,
        )
      : 16 * numItems;
  const vectors = 2 * (4 * numItems * rank + scoringFactorBytes(numItems, rank, storage));
  return {
    peakBytes: Math.max(embedding.peakBytes, vectors + threads * strips) + 3 * 8 * kept,
    flops: embedding.flops + (readout === 'chebyshev' ? 12 * shape.nnz * numItems : 0),
    artifactBytes:
      storedBytes(numItems, kept, storage) + storedFactorBytes(numItems, rank, storage) + 8 * numItems + 1024,
  };
}

export const spectral = {
  kind: FORMAT.name,
  description: 'Graph filters on singular vectors: GF-CF (CIKM 2021), ChebyCF (SIGIR 2025) and PureSVD.',
  parameters: spectralParameters,
  searchSpace: spectralSearchSpace,
  estimate,
  fit: fitToLikes(fit),
  decode: LinearModel.decode.bind(null, FORMAT),
  restore: LinearModel.restore.bind(null, FORMAT),
} satisfies RecommenderKind<SpectralParameters>;
