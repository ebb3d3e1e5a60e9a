/**
 * Clocks of processes that can be stepped while they run, by libfaketime. What measures durations by a clock
 * that only goes on (`performance.now`, timers) is not told.
 */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';

const LIBRARIES = '/usr/lib';
const LIBRARY = 'faketime/libfaketimeMT.so.1';
const POLL_MS = 50;
const LIMIT_MS = 30_000;
/** A clock is read from an answer, which says whole seconds and is on its way for a while. */
const TOLERANCE_MS = 5_000;

/** @returns where the library is, of Debian's package libfaketime; null where it is not */
export function findFaketime() {
  if (!existsSync(LIBRARIES)) return null;
  const found = readdirSync(LIBRARIES).map((folder) => join(LIBRARIES, folder, LIBRARY));
  return found.find((path) => existsSync(path)) ?? null;
}

export class Clocks {
  #library = findFaketime();
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  /** What a process is started with so that its clock can be stepped. */
  environmentOf(name) {
    this.#set(name, 0);
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#pathOf(name),
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /**
   * Waits until the process has that time.
   *
   * @param seconds ahead of the true time, below 0 behind it
   * @param read what time the process has, ms since 1970
   */
  async step(name, seconds, read) {
    this.#set(name, seconds);
    for (const deadline = performance.now() + LIMIT_MS; ; await delay(POLL_MS)) {
      const offMs = (await read()) - Date.now() - seconds * 1_000;
      if (Math.abs(offMs) < TOLERANCE_MS) return;
      if (performance.now() > deadline)
        throw new StepError(`The clock of ${name} was stepped by ${seconds} s and is ${offMs} ms off that.`);
    }
  }

  /** At once, since the process may read it at any moment. */
  #set(name, seconds) {
    const path = this.#pathOf(name);
    writeFileSync(`${path}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${path}.new`, path);
  }

  #pathOf(name) {
    return join(this.#folder, `${name}.clock`);
  }
}
