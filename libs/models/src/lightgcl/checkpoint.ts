import { DomainError } from '#domain';
import type { CsrMatrix, TrainerState } from '#sparse';
import { decodeFrame, encodeFrame, section } from '../artifact/frame.js';
import { checkpointOwner } from '../training-checkpoint.js';
import type { LightgclParameters } from './lightgcl.params.js';

const FORMAT = 'lightgcl-checkpoint';
const VERSION = 1;

/**
 * `choosing` looks for the number of epochs on a validation part; `final` trains that many on
 * all of the data.
 */
export type Phase = 'choosing' | 'final';

/** Where training stands after `epoch` epochs of a phase. */
export interface Checkpoint {
  readonly phase: Phase;
  readonly epoch: number;
  readonly bestEpoch: number;
  readonly bestMetric: number;
  readonly trainer: TrainerState;
}

/** What a checkpoint belongs to: another matrix, seed or parameter makes it useless. */
export function fingerprint(matrix: CsrMatrix, parameters: LightgclParameters, seed: number): string {
  return checkpointOwner(matrix, seed, parameters);
}

export function encodeCheckpoint(checkpoint: Checkpoint, owner: string): Uint8Array {
  const { phase, epoch, bestEpoch, bestMetric, trainer } = checkpoint;
  const { parameters, first, second, steps } = trainer;
  return encodeFrame({
    format: FORMAT,
    version: VERSION,
    fields: { owner, phase, epoch, bestEpoch, bestMetric, steps },
    sections: { parameters, first, second },
  });
}

/** The checkpoint, or null when the bytes are damaged or belong to another fit: training then starts anew. */
export function decodeCheckpoint(bytes: Uint8Array, owner: string): Checkpoint | null {
  try {
    const content = decodeFrame(bytes, FORMAT, VERSION);
    const { fields } = content;
    if (fields['owner'] !== owner) return null;
    const [parameters, first, second] = ['parameters', 'first', 'second'].map((name) =>
      section(content, name, 'f32'),
    ) as [Float32Array, Float32Array, Float32Array];
    return {
      phase: fields['phase'] === 'final' ? 'final' : 'choosing',
      epoch: Number(fields['epoch']),
      bestEpoch: Number(fields['bestEpoch']),
      bestMetric: Number(fields['bestMetric']),
      trainer: { parameters, first, second, steps: Number(fields['steps']) },
    };
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
