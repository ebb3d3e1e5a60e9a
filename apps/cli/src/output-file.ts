import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { DomainError } from '#domain';

/** Lends a file, which appears when all of it is written, or standard output where no path is given. */
export async function withOutput(
  path: string | undefined,
  work: (output: Writable) => Promise<void>,
): Promise<void> {
  if (path === undefined) {
    process.stdout.once('error', endWithReader);
    await work(process.stdout);
    return;
  }
  const partial = `${path}.partial`;
  try {
    const output = (await openToWrite(partial)).createWriteStream();
    await work(output);
    await finished(output.end());
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function openToWrite(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new DomainError('validation-failed', `Cannot write ${path}: ${code}`, { cause });
  }
}

/** Whoever read, such as `head`, has had enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
}
