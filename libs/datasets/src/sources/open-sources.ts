import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#domain';
import { BrokenSource } from './broken-source.js';
import { explain, sourceInvalid } from './source-invalid.js';
import type { Source, SourceOptions, Sources } from './source.js';
import { spool } from './spool.js';
import { FileBytes } from './stored-bytes.js';
import { StoredSource } from './stored-source.js';

/**
 * What is at `path`: a file, the files of a folder but not of the folders in it, or standard input for `-`.
 * A pipe with a name is stored like standard input.
 *
 * @throws DomainError `import-source-invalid` if nothing can be read there
 */
export async function openSources(path: string, options: SourceOptions = {}): Promise<Sources> {
  if (path === '-') return spool(options.standardInput ?? process.stdin, 'standard input', options);
  const kind = await kindOf(path);
  if (kind.isDirectory()) return openFolder(path, options);
  if (!kind.isFile()) return spool(createReadStream(path), path, options);
  return sourcesOf(path, [await openFile(path, options)]);
}

async function kindOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw explain(path, error);
  }
}

async function openFolder(path: string, options: SourceOptions): Promise<Sources> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  const sources: Source[] = [];
  for (const name of names) {
    const source = await openEntry(join(path, name), options);
    if (source) sources.push(source);
  }
  if (sources.length === 0) throw sourceInvalid(path, 'the folder has no file in it; give another');
  return sourcesOf(path, sources, true);
}

/** A file that cannot be read may be one that nobody needs, so it is refused when it is opened. */
async function openEntry(path: string, options: SourceOptions): Promise<Source | null> {
  try {
    return (await kindOf(path)).isFile() ? await openFile(path, options) : null;
  } catch (error) {
    if (error instanceof DomainError) return new BrokenSource(path, error);
    throw error;
  }
}

async function openFile(path: string, options: SourceOptions): Promise<StoredSource> {
  try {
    return await StoredSource.open(path, path, await FileBytes.open(path), options);
  } catch (error) {
    throw explain(path, error);
  }
}

function sourcesOf(path: string, sources: readonly Source[], isFolder = false): Sources {
  return {
    path,
    isFolder,
    sources,
    dispose: async () => {
      for (const source of sources) if (source instanceof StoredSource) await source.dispose();
    },
  };
}
