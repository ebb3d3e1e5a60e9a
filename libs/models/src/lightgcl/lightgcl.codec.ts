import { DomainError } from '@app/domain';
import { DenseMatrix, ShapeError } from '@app/sparse';
import { decodeFrame, encodeFrame } from '../artifact/frame.js';
import { denseSections, readDense, STORAGE_TYPES, type StorageType } from '../artifact/row-storage.js';

const FORMAT = 'lightgcl';
const VERSION = 1;

/** The item side as it is served: rows of E, then rows of K. */
export interface LightgclArtifact {
  readonly numItems: number;
  readonly factors: DenseMatrix;
  readonly storage: StorageType;
  readonly kernel: string;
}

export function encodeLightgcl({ numItems, factors, storage, kernel }: LightgclArtifact): Uint8Array {
  return encodeFrame({
    format: FORMAT,
    version: VERSION,
    fields: { numItems, width: factors.numCols, storage, kernel },
    sections: denseSections(factors, storage),
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeLightgcl(bytes: Uint8Array): LightgclArtifact {
  const content = decodeFrame(bytes, FORMAT, VERSION);
  const storage = STORAGE_TYPES.find((type) => type === content.fields['storage']);
  if (!storage)
    throw new DomainError('model-corrupt', 'The model cannot be read: its storage type is unknown');
  const numItems = Number(content.fields['numItems']);
  try {
    const shape = { numRows: 2 * numItems, numCols: Number(content.fields['width']) };
    const factors = readDense(content, shape, storage);
    return { numItems, factors, storage, kernel: String(content.fields['kernel']) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new DomainError('model-corrupt', `The model cannot be read: ${error.message}`, { cause: error });
  }
}
