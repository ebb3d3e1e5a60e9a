import type { Readable } from 'node:stream';
import { explain } from './source-invalid.js';
import type { SourceOptions, Sources, SpoolProgress } from './source.js';
import { StoredSource } from './stored-source.js';
import { DEFAULT_SPOOL_LIMIT_BYTES, storeTemporarily } from './temporary-file.js';

const TELL_EVERY_MS = 1_000;

/**
 * Stores a stream that can be read once, such as standard input or a body, in a temporary file.
 *
 * @throws DomainError `import-source-invalid` if it is larger than the limit
 */
export async function spool(stream: Readable, name: string, options: SourceOptions = {}): Promise<Sources> {
  const { spoolLimitBytes: limitBytes = DEFAULT_SPOOL_LIMIT_BYTES, onSpooling } = options;
  const progress = new Progress(onSpooling);
  // A failure before the first read is told by the read.
  stream.once('error', () => {});
  try {
    const bytes = await storeTemporarily(stream, { name, limitBytes, onBytes: progress.onBytes });
    const source = await StoredSource.open(name, '', bytes, options).catch(async (error: unknown) => {
      await bytes.close();
      throw error;
    });
    return {
      path: name,
      isFolder: false,
      sources: [source],
      dispose: async () => {
        await source.dispose();
        await bytes.close();
      },
    };
  } catch (error) {
    throw explain(name, error);
  } finally {
    progress.stop();
  }
}

/** Tells every second how much has come and since when nothing has. */
class Progress {
  readonly #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #lastAt = performance.now();

  constructor(tell?: (progress: SpoolProgress) => void) {
    if (tell) this.#timer = setInterval(() => tell(this.#state()), TELL_EVERY_MS);
  }

  readonly onBytes = (bytes: number): void => {
    this.#bytes = bytes;
    this.#lastAt = performance.now();
  };

  stop(): void {
    clearInterval(this.#timer);
  }

  #state(): SpoolProgress {
    const waitingSeconds = Math.floor((performance.now() - this.#lastAt) / 1_000);
    return { bytes: this.#bytes, waitingSeconds };
  }
}
