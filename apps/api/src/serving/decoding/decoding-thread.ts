import { parentPort, workerData } from 'node:worker_threads';
import {
  decodeServedModel,
  handOverServedModel,
  KernelTimes,
  type HandedServedModel,
  type KernelFigures,
} from '@app/models';
import { failure, type ScoringOutcome } from '../scoring/scoring-task.js';

/** A model in shared memory, and how long its calls take. */
export interface Decoding {
  readonly handed: HandedServedModel;
  readonly figures: KernelFigures;
}

async function decode(bytes: Uint8Array): Promise<ScoringOutcome> {
  try {
    const served = decodeServedModel(bytes, 'shared');
    const { figures } = await KernelTimes.measure(served.recommender);
    const result: Decoding = { handed: handOverServedModel(served), figures };
    return { ok: true, result };
  } catch (error) {
    return failure(error);
  }
}

// The thread was started for one model, and ends with it.
parentPort?.postMessage(await decode(workerData as Uint8Array));
