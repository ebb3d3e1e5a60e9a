import { randomBytes } from 'node:crypto';
import type { ArtifactStore } from '#data';
import { artifactName } from '#domain';

interface Subject {
  readonly store: ArtifactStore;
  /** An unfinished run. */
  readonly startRun: () => Promise<string>;
  readonly endRun: (runId: string) => Promise<void>;
  /** Changes one byte of what is stored under the name, or takes its end away. */
  readonly damage: (name: string, how: 'change' | 'shorten') => Promise<void>;
}

/** More than one piece of any store, and not a multiple of it. */
const LARGE = 9_000_001;

/** What every store does. */
export function describeArtifactStore(name: string, subject: () => Subject): void {
  describe(`an artifact store in ${name}`, () => {
    const put = async (runId: string, bytes: Uint8Array) => {
      const found = artifactName(bytes);
      expect(await subject().store.put(runId, found, bytes)).toBe(true);
      return found;
    };
    const collect = async () => {
      for await (const _pieces of subject().store.collect());
    };
    const areEqual = (loaded: Uint8Array | null, bytes: Uint8Array) =>
      loaded !== null && Buffer.compare(loaded, bytes) === 0;

    it.each([1, 4 * 1024 * 1024, LARGE])('has the %d bytes that were put', async (size) => {
      const { store, startRun } = subject();
      const [runId, bytes] = [await startRun(), randomBytes(size)];
      const found = await put(runId, bytes);
      await put(runId, bytes);
      expect(areEqual(await store.load(runId, found), bytes)).toBe(true);
    });

    it('has of each run what was put for it, by name', async () => {
      const { store, startRun } = subject();
      const [one, other, bytes] = [await startRun(), await startRun(), randomBytes(100)];
      const found = await put(one, bytes);
      const kept = await put(one, randomBytes(100));
      expect(await store.load(other, found)).toBeNull();
      expect(await store.load(one, artifactName(randomBytes(1)))).toBeNull();
      expect(await store.load(one, 'no checksum')).toBeNull();
      await put(other, bytes);
      await store.remove(one, [found]);
      await store.remove(one, []);
      expect(await store.load(one, found)).toBeNull();
      expect(await store.load(one, kept)).not.toBeNull();
      expect(await store.load(other, found)).not.toBeNull();
    });

    it.each(['change', 'shorten'] as const)('answers nothing for bytes after a %s', async (how) => {
      const { store, startRun, damage } = subject();
      const [runId, bytes] = [await startRun(), randomBytes(LARGE)];
      const found = await put(runId, bytes);
      await damage(found, how);
      expect(await store.load(runId, found)).toBeNull();
      if (how === 'change') await store.remove(runId, [found]);
      await put(runId, bytes);
      expect(areEqual(await store.load(runId, found), bytes)).toBe(true);
    });

    it('keeps nothing of runs that are over, and all of the others', async () => {
      const { store, startRun, endRun } = subject();
      const [over, goesOn, bytes] = [await startRun(), await startRun(), randomBytes(LARGE)];
      const found = await put(over, bytes);
      await put(goesOn, bytes);
      await endRun(over);
      await collect();
      expect(await store.load(over, found)).toBeNull();
      expect(await store.put(over, found, bytes)).toBe(false);
      expect(await store.load(over, found)).toBeNull();
      expect(areEqual(await store.load(goesOn, found), bytes)).toBe(true);
    });
  });
}
