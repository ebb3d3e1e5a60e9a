import { basename } from 'node:path';
import type { BytesAnywhere, Source } from './source.js';

/** A file that is there and cannot be read; it says why to whoever opens it. */
export class BrokenSource implements Source {
  readonly fileName: string;
  readonly packing = null;
  readonly storedBytes = 0;
  readonly #error: Error;

  constructor(
    readonly name: string,
    error: Error,
  ) {
    this.fileName = basename(name);
    this.#error = error;
  }

  open(): AsyncIterable<Buffer> {
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(this.#error) }) };
  }

  openAnywhere(): Promise<BytesAnywhere> {
    return Promise.reject(this.#error);
  }
}
