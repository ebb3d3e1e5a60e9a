import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { CheckpointStore } from '#models';
import type { ThreadMessage } from './training-task.js';

/** Checkpoints of a compute thread: handed to the main thread, not too often, and one at a time. */
export class ThreadCheckpoints implements CheckpointStore {
  #underWay = 0;
  #notBefore: number;

  constructor(
    private readonly port: MessagePort,
    private readonly saved: Uint8Array | null,
    private readonly everyMs: number,
  ) {
    this.#notBefore = performance.now() + everyMs;
  }

  load(): Promise<Uint8Array | null> {
    return Promise.resolve(this.saved);
  }

  isDue(): boolean {
    // Training leaves the event loop no turn, so that answers are to be fetched.
    while (receiveMessageOnPort(this.port)) this.#underWay--;
    return this.#underWay === 0 && performance.now() >= this.#notBefore;
  }

  /** Does not wait until the bytes are stored: training goes on meanwhile. */
  save(bytes: Uint8Array): Promise<void> {
    this.#underWay++;
    this.#notBefore = performance.now() + this.everyMs;
    const own = new Uint8Array(bytes);
    this.port.postMessage({ kind: 'checkpoint', bytes: own } satisfies ThreadMessage, [own.buffer]);
    return Promise.resolve();
  }
}
