import type { CheckpointStore } from '../recommender.js';

/** Keeps what is saved after every epoch, and stops the fit after some saves as a killed process would. */
export class StoppingStore implements CheckpointStore {
  saves = 0;

  constructor(
    readonly stopAfter: number,
    public saved: Uint8Array | null = null,
  ) {}

  load = () => Promise.resolve(this.saved);

  isDue = () => true;

  save = (bytes: Uint8Array) => {
    this.saved = bytes;
    this.saves++;
    return this.saves === this.stopAfter ? Promise.reject(new Error('stopped')) : Promise.resolve();
  };
}
