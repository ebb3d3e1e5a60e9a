import type { CsrMatrix, FactorMatrix } from '#sparse';
import { encodeFrame, section, type FrameContent } from '../artifact/frame.js';
import {
  decodeStored,
  factorSections,
  matrixSections,
  readFactors,
  readMatrix,
  type StorageType,
} from '../artifact/row-storage.js';

/** Name and version of the frame in which a kind is stored; the name is that of the kind. */
export interface LinearFormat {
  readonly name: string;
  readonly version: number;
}

/** diag(entry)·F·diag(weights)·Fᵀ: item-to-item weights by `rank` factors an item. */
export interface LowRank {
  /** F, `numItems × rank` */
  readonly factors: FactorMatrix;
  /** One number an item: how a past item enters. */
  readonly entry: Float32Array;
  /** One number a factor. */
  readonly weights: Float32Array;
}

/**
 * Item-to-item weights W = S + diag(entry)·F·diag(weights)·Fᵀ as they are served, rounded
 * to their storage type.
 */
export interface LinearArtifact {
  /** S, `numItems × numItems`: row j is what item j in a history speaks for. */
  readonly weights: CsrMatrix;
  readonly lowRank?: LowRank | undefined;
  readonly storage: StorageType;
  /** How W was computed, such as by which kernels; kept with it. */
  readonly provenance: FrameContent['fields'];
}

/** Writes W in a checksummed frame. */
export function encodeLinear(format: LinearFormat, artifact: LinearArtifact): Uint8Array {
  const { weights, lowRank, storage, provenance } = artifact;
  return encodeFrame({
    format: format.name,
    version: format.version,
    fields: {
      numItems: weights.numCols,
      storage,
      ...(lowRank && { rank: lowRank.factors.numCols }),
      ...provenance,
    },
    sections: {
      ...matrixSections(weights, storage),
      ...(lowRank && {
        ...factorSections(lowRank.factors, storage),
        entry: lowRank.entry,
        factorWeights: lowRank.weights,
      }),
    },
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeLinear(format: LinearFormat, bytes: Uint8Array): LinearArtifact {
  return decodeStored(bytes, format, readArtifact);
}

function readArtifact(content: FrameContent, storage: StorageType): LinearArtifact {
  const { numItems, storage: _, rank, ...provenance } = content.fields;
  const weights = readMatrix(content, Number(numItems), storage);
  const lowRank =
    rank === undefined ? undefined : readLowRank(content, weights.numCols, Number(rank), storage);
  return { weights, lowRank, storage, provenance };
}

function readLowRank(content: FrameContent, numRows: number, numCols: number, storage: StorageType): LowRank {
  return {
    factors: readFactors(content, { numRows, numCols }, storage),
    entry: section(content, 'entry', 'f32'),
    weights: section(content, 'factorWeights', 'f32'),
  };
}
