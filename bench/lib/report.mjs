import { execFileSync, spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** @returns milliseconds that `work` takes */
export async function time(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Ratios of pairs measured next to each other: above 1 we are ahead. */
export function ratio(peer, ours) {
  const ratios = peer.map((value, round) => value / ours[round]);
  return { median: round(median(ratios)), min: round(Math.min(...ratios)), max: round(Math.max(...ratios)) };
}

export function round(value) {
  return Number(value.toPrecision(4));
}

export function machine() {
  return {
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
  };
}

export function versionOf(command, args = ['--version']) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}

export function has(command) {
  return spawnSync(command, ['--version']).status === 0;
}

/** One JSON object, or the same for people. */
export function print(report, asJson) {
  if (asJson) return void process.stdout.write(`${JSON.stringify(report)}\n`);
  process.stdout.write(`${report.name} on ${report.machine.cpu}, ${report.rounds} rounds\n`);
  for (const [name, value] of Object.entries(report.medians))
    process.stdout.write(`  ${name.padEnd(44)}${value}\n`);
  for (const [peer, { median: middle, min, max }] of Object.entries(report.ratios))
    process.stdout.write(`  ahead of ${peer.padEnd(35)}${middle} (${min} to ${max})\n`);
}
