import { readdirSync, readlinkSync } from 'node:fs';

/** Files that this process has open, by the names that Linux gives them. */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

/** Temporary files of spooled streams that this process has open. */
export function openTemporaryFiles(): string[] {
  return openFiles().filter((name) => /\/sparserec-[0-9a-f-]{36}/.test(name));
}
