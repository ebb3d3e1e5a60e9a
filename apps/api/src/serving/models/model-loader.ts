import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError, type Model, Sequence, type ThreadOutcome, unwrap } from '#domain';
import { restoreServedModel, decodeServedModel, KernelTimes, type ServedModel } from '#models';
import { serviceStopping } from '../threads/service-stopping.js';
import { threadScript } from '../threads/thread-script.js';
import { ArtifactCache } from './artifact-cache.js';
import type { Decoding } from './decoding-thread.js';

/** An artifact of this size is decoded within a few milliseconds, and a thread takes longer to start. */
const MOST_ON_LOOP_BYTES = 256 * 1024;
const MOST_THREADS_A_MODEL = 2;
const SCRIPT = threadScript('models/decoding-thread.js');

/** A model that answers in this thread, and how long its calls take. */
export interface LoadedModel {
  readonly served: ServedModel;
  readonly times: KernelTimes;
}

/**
 * Makes models of artifacts, large ones one after another. Such a one is decoded and timed in a thread of its
 * own, and its parts are transferred in shared memory without a copy. The thread ends with that, so
 * nothing of the model stays in it.
 */
@Injectable()
export class ModelLoader implements OnApplicationShutdown {
  readonly #logger = new Logger(ModelLoader.name);
  readonly #threads = new Set<Worker>();
  readonly #large = new Sequence();
  #isEnding = false;

  constructor(private readonly artifacts: ArtifactCache) {}

  /** Threads that there are now. */
  get threads(): readonly Worker[] {
    return [...this.#threads];
  }

  /** @param replaced whose place the model takes. @throws DomainError `model-corrupt` */
  async load(model: Model, replaced: Model | null): Promise<LoadedModel> {
    const loaded = await this.#load(model);
    if (replaced) void this.artifacts.release(replaced);
    return loaded;
  }

  async #load(model: Model): Promise<LoadedModel> {
    if (model.artifactBytes <= MOST_ON_LOOP_BYTES) return decodeHere(await this.artifacts.load(model));
    return this.#large.run(async () => this.#decodeApart(await this.artifacts.load(model)));
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  /**
   * A thread that ends before its time leaves nothing that is used: another one begins anew, and at last
   * this one does it.
   */
  async #decodeApart(bytes: Uint8Array): Promise<LoadedModel> {
    for (let thread = 0; thread < MOST_THREADS_A_MODEL; thread++) {
      const outcome = await this.#runThread(bytes).catch((error: unknown) => this.#noteEnd(error));
      if (outcome) return restore(unwrap(outcome));
    }
    return decodeHere(bytes);
  }

  #runThread(bytes: Uint8Array): Promise<ThreadOutcome<Decoding>> {
    const thread = new Worker(SCRIPT, { workerData: bytes });
    this.#threads.add(thread);
    return new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', (code) => {
        this.#threads.delete(thread);
        reject(new Error(`The thread ended with ${code} before the model was decoded`));
      });
    });
  }

  #noteEnd(error: unknown): null {
    if (this.#isEnding) throw serviceStopping(error);
    this.#logger.error({ event: 'decoding-thread.ended', error: String(error) });
    return null;
  }
}

async function decodeHere(bytes: Uint8Array): Promise<LoadedModel> {
  const served = decodeServedModel(bytes, 'shared');
  return { served, times: await KernelTimes.measure(served.recommender, { pause: () => setImmediate() }) };
}

function restore({ transferred, figures }: Decoding): LoadedModel {
  const served = restoreServedModel(transferred);
  return { served, times: new KernelTimes(served.recommender, figures) };
}

/** A damaged model must not take the catalog with it: the model before, or popularity, answers on. */
export function isCorrupt(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === 'model-corrupt';
}
