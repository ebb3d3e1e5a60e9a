import { crc32 } from 'node:zlib';
import { DomainError } from '#domain';
import type { CsrMatrix } from '#sparse';
import { decodeFrame, encodeFrame, section } from './artifact/frame.js';
import type { CheckpointStore } from './recommender.js';

const FORMAT = 'training-checkpoint';
const VERSION = 1;

/** What a checkpoint belongs to; any change of the data or of what is asked for makes it useless. */
export function checkpointOwner(matrix: CsrMatrix, ...settings: readonly unknown[]): string {
  const sums = [matrix.indptr, matrix.indices, matrix.values].map((part) =>
    crc32(new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
  );
  return JSON.stringify([matrix.numRows, matrix.numCols, ...sums, ...settings]);
}

/**
 * How far a training run has come: what it measured, once that is done, and the state of the fit that is
 * going on. A run fits twice, so the state of a fit alone would not say which of the two it is.
 */
export class TrainingCheckpoint<Measured extends object> {
  #measured: Measured | null = null;
  #fit: Uint8Array | null = null;

  private constructor(
    private readonly store: CheckpointStore,
    private readonly owner: string,
  ) {}

  /** Bytes that are damaged or belong to another run count as none. */
  static async open<Measured extends object>(
    store: CheckpointStore,
    owner: string,
  ): Promise<TrainingCheckpoint<Measured>> {
    const checkpoint = new TrainingCheckpoint<Measured>(store, owner);
    const bytes = await store.load();
    if (bytes) checkpoint.#restore(bytes);
    return checkpoint;
  }

  /** Figures of an earlier attempt; null: they are still to be measured. */
  get measured(): Measured | null {
    return this.#measured;
  }

  /** Where the fit that is going on keeps its state. */
  get fit(): CheckpointStore {
    return {
      load: () => Promise.resolve(this.#fit),
      isDue: () => this.store.isDue(),
      save: (bytes) => {
        this.#fit = bytes;
        return this.#save();
      },
    };
  }

  /** The first fit is over and measured. */
  async keepMeasured(measured: Measured): Promise<void> {
    this.#measured = measured;
    this.#fit = null;
    await this.#save();
  }

  async #save(): Promise<void> {
    const measured = this.#measured === null ? '' : JSON.stringify(this.#measured);
    const fields = { owner: this.owner, measured };
    const sections = { fit: this.#fit ?? new Uint8Array() };
    await this.store.save(encodeFrame({ format: FORMAT, version: VERSION, fields, sections }));
  }

  #restore(bytes: Uint8Array): void {
    try {
      const content = decodeFrame(bytes, FORMAT, VERSION);
      if (content.fields['owner'] !== this.owner) return;
      const measured = String(content.fields['measured']);
      if (measured !== '') this.#measured = JSON.parse(measured) as Measured;
      const fit = section(content, 'fit', 'u8');
      if (fit.length > 0) this.#fit = fit.slice();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
}
