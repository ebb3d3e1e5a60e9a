import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

/** A step failed in a way that is explained. */
export class StepError extends Error {}

const running = new Set();

/** Ends the programs that run. */
export function endRunning() {
  for (const child of running) child.kill();
}

/**
 * Runs a program to its end; what it prints is shown on standard error only when it fails or `show` is set.
 * @returns what it printed
 */
export function run(command, args, { show = false, env = process.env, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'] });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new StepError(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code) => {
      running.delete(child);
      if (code === 0) resolve(output);
      else
        reject(
          new StepError(
            `${[command, ...args].join(' ')} failed:\n${output.split('\n').slice(-40).join('\n')}`,
          ),
        );
    });
  });
}

/** Says what is going on, and every few seconds that it still is. */
export async function step(label, work) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  process.stderr.write(`${label} …\n`);
  const ticker = setInterval(
    () => process.stderr.write(`  still ${label.toLowerCase()} (${seconds()} s)\n`),
    15_000,
  );
  try {
    return await work();
  } finally {
    clearInterval(ticker);
  }
}
