import type { Source, Sources } from '#datasets';

/**
 * The same sources, which tell how much of all bytes a pass over them has read. Each pass begins anew.
 *
 * @param report takes a share from 0 to 1
 */
export function watchSources(sources: Sources, report: (share: number) => void): Sources {
  const total = sources.sources.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  let before = 0;
  const watched = sources.sources.map((source): Source => {
    const start = before;
    before += source.storedBytes;
    return {
      name: source.name,
      fileName: source.fileName,
      packing: source.packing,
      storedBytes: source.storedBytes,
      open: (onRead) =>
        source.open((bytes) => {
          report(Math.min(1, (start + bytes) / total));
          onRead?.(bytes);
        }),
      openAnywhere: () => source.openAnywhere(),
    };
  });
  return {
    path: sources.path,
    isFolder: sources.isFolder,
    sources: watched,
    dispose: () => sources.dispose(),
  };
}
