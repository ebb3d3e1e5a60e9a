import { parentPort, workerData } from 'node:worker_threads';
import { settle } from '#domain';
import {
  decodeServedModel,
  transferServedModel,
  KernelTimes,
  type TransferredServedModel,
  type KernelFigures,
} from '#models';

/** A model in shared memory, and how long its calls take. */
export interface Decoding {
  readonly transferred: TransferredServedModel;
  readonly figures: KernelFigures;
}

async function decode(bytes: Uint8Array): Promise<Decoding> {
  const served = decodeServedModel(bytes, 'shared');
  const { figures } = await KernelTimes.measure(served.recommender);
  return { transferred: transferServedModel(served), figures };
}

// The thread was started for one model, and ends with it.
parentPort?.postMessage(await settle(() => decode(workerData as Uint8Array)));
