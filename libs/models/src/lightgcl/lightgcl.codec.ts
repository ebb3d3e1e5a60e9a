import type { FactorMatrix } from '#sparse';
import { encodeFrame } from '../artifact/frame.js';
import { decodeStored, factorSections, readFactors, type StorageType } from '../artifact/row-storage.js';

const FORMAT = { name: 'lightgcl', version: 1 };

/** The item side as it is served: rows of E, then rows of K. */
export interface LightgclArtifact {
  readonly numItems: number;
  readonly factors: FactorMatrix;
  readonly storage: StorageType;
  readonly kernel: string;
}

export function encodeLightgcl({ numItems, factors, storage, kernel }: LightgclArtifact): Uint8Array {
  return encodeFrame({
    format: FORMAT.name,
    version: FORMAT.version,
    fields: { numItems, width: factors.numCols, storage, kernel },
    sections: factorSections(factors, storage),
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeLightgcl(bytes: Uint8Array): LightgclArtifact {
  return decodeStored(bytes, FORMAT, (content, storage) => {
    const numItems = Number(content.fields['numItems']);
    const shape = { numRows: 2 * numItems, numCols: Number(content.fields['width']) };
    const factors = readFactors(content, shape, storage);
    return { numItems, factors, storage, kernel: String(content.fields['kernel']) };
  });
}
