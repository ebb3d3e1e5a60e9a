import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { ROOT } from './paths.mjs';

/** A step failed in a way that is explained. */
export class StepError extends Error {}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const running = new Set();
let isEnding = false;

/** Ends the programs that run, each with all that it has started; no further one is started. */
export function endRunning() {
  isEnding = true;
  for (const child of running) endGroup(child);
}

function endGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // It has ended by itself a moment ago.
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Runs a program to its end; what it prints is shown on standard error only when it fails or `show` is set.
 * @returns what it printed
 */
export async function run(command, args, { show = false, ...options } = {}) {
  const stdio = ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'];
  const { status, stdout, stderr } = await outcomeOf(command, args, { stdio, ...options });
  if (status === 0) return stdout + stderr;
  const lastLines = (stdout + stderr).split('\n').slice(-40).join('\n');
  throw new StepError(`${[command, ...args].join(' ')} failed:\n${lastLines}`);
}

/**
 * Runs a program to its end. When this process is told to end, the program and all that it has started are.
 *
 * @param options.isLast whether it lets all others go first who want a processor
 * @returns the exit code, null where the program was ended or cannot be started, and what it printed
 */
export function outcomeOf(
  command,
  args,
  { stdio = ['ignore', 'pipe', 'pipe'], cwd = ROOT, env, isLast = false } = {},
) {
  if (isEnding) throw new StepError(`${command} is not started: all is to end.`);
  return new Promise((resolve) => {
    // A process group of its own: by its number, a signal reaches whatever it starts.
    const child = spawn(command, args, { cwd, env, stdio, detached: true });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name]?.on('data', (chunk) => (printed[name] += chunk));
    const end = (outcome) => {
      forget(child);
      resolve({ ...printed, ...outcome });
    };
    child.on('error', ({ message }) =>
      end({ status: null, stderr: `${command} cannot be started: ${message}` }),
    );
    child.on('close', (status) => end({ status }));
    if (child.pid !== undefined) remember(child);
    if (child.pid !== undefined && isLast) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  });
}

function remember(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, endRunning);
  running.add(child);
}

function forget(child) {
  running.delete(child);
  if (running.size === 0) for (const signal of SIGNALS) process.off(signal, endRunning);
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
