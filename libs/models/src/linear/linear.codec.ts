import { DomainError } from '@app/domain';
import { ShapeError, type CsrMatrix } from '@app/sparse';
import { decodeFrame, encodeFrame, type FrameContent } from '../artifact/frame.js';
import { matrixSections, readMatrix, STORAGE_TYPES, type StorageType } from '../artifact/row-storage.js';

/** Name and version of the frame in which a kind is stored; the name is that of the kind. */
export interface RowSparseFormat {
  readonly name: string;
  readonly version: number;
}

/** A matrix of item-to-item weights as it is served, rounded to its storage type. */
export interface RowSparseArtifact {
  /** B, `numItems × numItems`: row j is what item j in a history speaks for. */
  readonly weights: CsrMatrix;
  readonly storage: StorageType;
  /** How B was computed, such as by which kernels; kept with it. */
  readonly provenance: FrameContent['fields'];
}

/** Writes B in a checksummed frame. */
export function encodeRowSparse(format: RowSparseFormat, artifact: RowSparseArtifact): Uint8Array {
  const { weights, storage, provenance } = artifact;
  return encodeFrame({
    format: format.name,
    version: format.version,
    fields: { numItems: weights.numCols, storage, ...provenance },
    sections: matrixSections(weights, storage),
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeRowSparse(format: RowSparseFormat, bytes: Uint8Array): RowSparseArtifact {
  const content = decodeFrame(bytes, format.name, format.version);
  const { numItems, storage: type, ...provenance } = content.fields;
  const storage = STORAGE_TYPES.find((known) => known === type);
  if (!storage)
    throw new DomainError('model-corrupt', 'The model cannot be read: its storage type is unknown');
  try {
    return { weights: readMatrix(content, Number(numItems), storage), storage, provenance };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new DomainError('model-corrupt', `The model cannot be read: ${error.message}`, { cause: error });
  }
}
