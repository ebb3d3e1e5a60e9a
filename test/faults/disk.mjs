/** A small disk for PostgreSQL's files, which can be filled up. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const SIZE = '1g';
const PIECE = Buffer.alloc(2 ** 20);

/** @returns whether one was mounted: only root may */
export function mountDisk(folder) {
  mkdirSync(folder, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0755`, 'tmpfs', folder];
  return spawnSync('mount', options).status === 0;
}

/** @returns why there can be none on this machine; null where there can */
export function whyNoDisk() {
  return process.getuid?.() === 0 ? null : 'only root may mount a small disk';
}

export function unmountDisk(folder) {
  spawnSync('umount', [folder]);
}

/** Leaves not a byte for some seconds. PostgreSQL may end of it, and is then started again. */
export function fillDisk(seconds) {
  return async (service) => {
    service.isDown('postgres');
    const ballast = join(service.disk, 'ballast');
    fill(ballast);
    await delay(seconds * 1_000);
    rmSync(ballast);
    await service.postgres.server.start();
  };
}

function fill(path) {
  const file = openSync(path, 'w');
  try {
    for (let size = PIECE.length; size >= 1;) {
      try {
        writeSync(file, PIECE, 0, size);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
