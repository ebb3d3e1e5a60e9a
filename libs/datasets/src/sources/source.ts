import type { Readable } from 'node:stream';

export type Packing = 'gzip' | 'zip';

/** Bytes that can be read again and again, already unpacked. */
export interface Source {
  /** For messages: the path as given, with the member of a zip, or `standard input`, or `the body`. */
  readonly name: string;
  /** For rules that look at names: without folders and `.gz`; empty where there is none. */
  readonly fileName: string;
  readonly packing: Packing | null;
  /** Size as it is stored, packed. */
  readonly storedBytes: number;
  /**
   * Unpacked bytes from the start, in pieces that are valid until the next one is asked for: they may share a
   * buffer.
   *
   * @param onRead is told how many of the stored bytes have been read so far
   * @throws DomainError `import-source-invalid`, with the first piece or a later one, if a bound is
   *   passed, the file has changed since it was first opened, or unpacking fails
   */
  open(onRead?: (storedBytes: number) => void): AsyncIterable<Buffer>;
  /** Unpacked bytes at any place. What is packed is unpacked to a temporary file once. */
  openAnywhere(): Promise<BytesAnywhere>;
}

/** `hyparquet` calls it an AsyncBuffer. */
export interface BytesAnywhere {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** What was given to be read. */
export interface Sources {
  readonly path: string;
  readonly isFolder: boolean;
  /** In the order of their names. */
  readonly sources: readonly Source[];
  /** Ends what `open` began and removes temporary files; they go with the process in any case. */
  dispose(): Promise<void>;
}

/** How far a stream that can be read once has been stored. */
export interface SpoolProgress {
  readonly bytes: number;
  /** Since when nothing has come. */
  readonly waitingSeconds: number;
}

export interface SourceOptions {
  /** Most bytes of a temporary file. */
  readonly spoolLimitBytes?: number;
  /** Most bytes that one source may have when it is unpacked. */
  readonly unpackedLimitBytes?: number;
  /** Called about once a second while a stream is stored, also while nothing comes. */
  readonly onSpooling?: (progress: SpoolProgress) => void;
  /** What `-` is. */
  readonly standardInput?: Readable;
}
