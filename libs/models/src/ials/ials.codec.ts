import { DenseMatrix, type FactorMatrix } from '#sparse';
import { encodeFrame, section, type FrameContent } from '../artifact/frame.js';
import { decodeStored, factorSections, readFactors, type StorageType } from '../artifact/row-storage.js';
import type { Penalty } from './ials.solver.js';

const FORMAT = { name: 'ials', version: 1 };

/** H as it is served, rounded to its storage type, and what a fold-in needs beside it. */
export interface IalsArtifact {
  /** `numItems × factors`. */
  readonly factors: FactorMatrix;
  /** a₀·HᵀH of these very factors, the lower triangle. */
  readonly base: DenseMatrix;
  readonly penalty: Penalty;
  readonly storage: StorageType;
  readonly kernel: string;
}

/** Writes the factors in a checksummed frame. */
export function encodeIals({ factors, base, penalty, storage, kernel }: IalsArtifact): Uint8Array {
  const { regularization, regularizationExponent, unobservedWeight } = penalty;
  const shape = { numItems: factors.numRows, factors: factors.numCols };
  return encodeFrame({
    format: FORMAT.name,
    version: FORMAT.version,
    fields: { ...shape, regularization, regularizationExponent, unobservedWeight, storage, kernel },
    sections: { ...factorSections(factors, storage), base: base.values },
  });
}

/** @throws DomainError `model-corrupt` */
export function decodeIals(bytes: Uint8Array): IalsArtifact {
  return decodeStored(bytes, FORMAT, readArtifact);
}

function readArtifact(content: FrameContent, storage: StorageType): IalsArtifact {
  const number = (name: string) => Number(content.fields[name]);
  const [numRows, numCols] = [number('numItems'), number('factors')];
  return {
    factors: readFactors(content, { numRows, numCols }, storage),
    base: new DenseMatrix(numCols, numCols, section(content, 'base', 'f32')),
    penalty: {
      regularization: number('regularization'),
      regularizationExponent: number('regularizationExponent'),
      unobservedWeight: number('unobservedWeight'),
    },
    storage,
    kernel: String(content.fields['kernel']),
  };
}
