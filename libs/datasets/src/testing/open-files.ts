import { readdirSync, readlinkSync } from 'node:fs';

/** Files that a process has open, by the names that Linux gives them. */
export function openFiles(pid: number | 'self' = 'self'): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

/** Temporary files of spooled streams that a process has open. */
export function openTemporaryFiles(pid: number | 'self' = 'self'): string[] {
  return openFiles(pid).filter((name) => /\/sparserec-[0-9a-f-]{36}/.test(name));
}
