import { DomainError } from '@app/domain';
import { ShapeError, type CsrMatrix } from '@app/sparse';
import { decodeFrame, encodeFrame } from '../artifact/frame.js';
import { matrixSections, readMatrix, STORAGE_TYPES, type StorageType } from '../artifact/row-storage.js';

const FORMAT = 'ease';
const VERSION = 2;

/** B as it is served, rounded to its storage type, and how it was computed. */
export interface EaseArtifact {
  readonly weights: CsrMatrix;
  readonly storage: StorageType;
  readonly kernel: string;
  /** Largest ‖A·A⁻¹e_j − e_j‖ over random columns of the matrix that was inverted. */
  readonly residual: number;
}

/** Writes B (CSR, `numItems × numItems`) in a checksummed frame. */
export function encodeEase({ weights, storage, kernel, residual }: EaseArtifact): Uint8Array {
  return encodeFrame({
    format: FORMAT,
    version: VERSION,
    fields: { numItems: weights.numCols, storage, kernel, residual },
    sections: matrixSections(weights, storage),
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeEase(bytes: Uint8Array): EaseArtifact {
  const content = decodeFrame(bytes, FORMAT, VERSION);
  const { numItems, kernel, residual } = content.fields;
  const storage = STORAGE_TYPES.find((type) => type === content.fields['storage']);
  if (!storage)
    throw new DomainError('model-corrupt', 'The model cannot be read: its storage type is unknown');
  try {
    const weights = readMatrix(content, Number(numItems), storage);
    return { weights, storage, kernel: String(kernel), residual: Number(residual) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new DomainError('model-corrupt', `The model cannot be read: ${error.message}`, { cause: error });
  }
}
