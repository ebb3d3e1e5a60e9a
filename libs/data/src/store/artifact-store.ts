/**
 * Bytes that workers leave for each other while a run goes on. Each is stored under its own checksum, so that
 * it does not matter who stores it, or how often.
 */
export abstract class ArtifactStore {
  /**
   * Whoever puts the same bytes again changes nothing, and mends what a killed process has left of them.
   *
   * @param name of the bytes, by `artifactName`
   * @returns false, and nothing is kept, when the run is over
   */
  abstract put(runId: string, name: string, bytes: Uint8Array): Promise<boolean>;

  /** Null when they are not there, not all of them, or not what was put. */
  abstract load(runId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null>;

  abstract remove(runId: string, names: readonly string[]): Promise<void>;

  /** Removes what belongs to runs that are over. @returns number of pieces of each step */
  abstract collect(): AsyncGenerator<number>;
}
