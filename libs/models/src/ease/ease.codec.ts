import { DomainError } from '@app/domain';
import { CsrMatrix, ShapeError } from '@app/sparse';
import { decodeFrame, encodeFrame, section } from '../artifact/frame.js';

const FORMAT = 'ease';
const VERSION = 1;

/** B and the kernel that computed it. */
export interface EaseArtifact {
  readonly weights: CsrMatrix;
  readonly kernel: string;
}

/** Writes B (CSR, `numItems × numItems`) in a checksummed frame. */
export function encodeEase({ weights, kernel }: EaseArtifact): Uint8Array {
  const { numCols, indptr, indices, values } = weights;
  return encodeFrame({
    format: FORMAT,
    version: VERSION,
    fields: { numItems: numCols, kernel },
    sections: { indptr, indices, values },
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeEase(bytes: Uint8Array): EaseArtifact {
  const content = decodeFrame(bytes, FORMAT, VERSION);
  const numItems = Number(content.fields['numItems']);
  try {
    const parts = [
      section(content, 'indptr', 'u32'),
      section(content, 'indices', 'u32'),
      section(content, 'values', 'f32'),
    ] as const;
    return { weights: new CsrMatrix(numItems, numItems, ...parts), kernel: String(content.fields['kernel']) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new DomainError('model-corrupt', `The model cannot be read: ${error.message}`, { cause: error });
  }
}
