import { parentPort, workerData } from 'node:worker_threads';
import { settle } from '#domain';
import {
  decodeServedModel,
  handOverServedModel,
  KernelTimes,
  type HandedServedModel,
  type KernelFigures,
} from '#models';

/** A model in shared memory, and how long its calls take. */
export interface Decoding {
  readonly handed: HandedServedModel;
  readonly figures: KernelFigures;
}

async function decode(bytes: Uint8Array): Promise<Decoding> {
  const served = decodeServedModel(bytes, 'shared');
  const { figures } = await KernelTimes.measure(served.recommender);
  return { handed: handOverServedModel(served), figures };
}

// The thread was started for one model, and ends with it.
parentPort?.postMessage(await settle(() => decode(workerData as Uint8Array)));
