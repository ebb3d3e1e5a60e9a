/** What some faults need of the machine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StepError } from '../../scripts/lib/run.mjs';
import { Clocks, findFaketime } from './clocks.mjs';
import { mountDisk, unmountDisk, whyNoDisk } from './disk.mjs';
import { Network, whyNoNetwork } from './network.mjs';

/** By what the names of these faults begin with: why there can be none of them here, or null. */
const NEEDS = {
  disk: whyNoDisk,
  clock: () => (findFaketime() ? null : "there is no libfaketime (Debian's package of that name)"),
  loss: whyNoNetwork,
};

/**
 * Leaves out those of the faults that are not possible on this machine, and says which and why.
 *
 * @throws StepError if none is left
 */
export function possible(names) {
  const reasons = Object.entries(NEEDS).map(([kind, why]) => [kind, needs(names, kind) ? why() : null]);
  const missing = reasons.filter(([, reason]) => reason !== null);
  for (const [kind, reason] of missing)
    process.stderr.write(`Skipped: faults of ${kind}, since ${reason}.\n`);
  const left = names.filter((name) => missing.every(([kind]) => kindOf(name) !== kind));
  if (left.length === 0) throw new StepError('None of these faults is possible here.');
  return left;
}

/** @returns what `Service.start` takes of it, and `remove` */
export function makeSurroundings(folder, names) {
  mkdirSync(folder, { recursive: true });
  const disk = join(folder, 'disk');
  const hasDisk = needs(names, 'disk') && mountDisk(disk);
  const network = needs(names, 'loss') ? Network.create() : undefined;
  const remove = () => {
    network?.remove();
    if (hasDisk) unmountDisk(disk);
  };
  return { disk, network, clocks: needs(names, 'clock') ? new Clocks(folder) : undefined, remove };
}

function needs(names, kind) {
  return names.some((name) => kindOf(name) === kind);
}

function kindOf(name) {
  return name.split('-')[0];
}
