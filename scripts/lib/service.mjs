import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appArguments, ROOT } from './paths.mjs';
import { StepError } from './run.mjs';

/** For a process that does not keep its own limit. */
const KILL_AFTER_LIMIT_MS = 2_000;
const READY_LIMIT_MS = 60_000;

/**
 * A process of the service: logs to a file, is out of reach of Ctrl-C, and ends with its parent. A second
 * `stop` ends it at once.
 */
export function startApp(name, env, folder) {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const logPath = join(folder, 'logs', `${name}.log`);
  const log = createWriteStream(logPath, { flags: 'a' });
  const guard = ['--import', new URL('./end-with-parent.mjs', import.meta.url).href];
  const child = spawn(process.execPath, [...guard, ...appArguments(name)], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
  const stop = async () => {
    child.kill('SIGTERM');
    const { exitLimitMs, loadEnvironment } = await import('../../dist/libs/config/src/index.js');
    const limitMs = exitLimitMs(loadEnvironment({ ...process.env, ...env })) + KILL_AFTER_LIMIT_MS;
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    await ended;
    clearTimeout(limit);
  };
  return { name, pid: child.pid, logPath, ended, stop };
}

/** Waits until the API can do its work, or says why it cannot. */
export async function waitUntilReady(app, url) {
  let ended = false;
  app.ended.then(() => (ended = true));
  for (const deadline = Date.now() + READY_LIMIT_MS; Date.now() < deadline; await delay(50)) {
    if (ended) throw new StepError(`${app.name} ended while it was starting:\n${lastWords(app.logPath)}`);
    const ready = await fetch(`${url}/health/ready`).catch(() => null);
    if (ready?.ok) return;
  }
  throw new StepError(`${app.name} is not ready after ${READY_LIMIT_MS / 1000} s; see ${app.logPath}`);
}

/** Why a process did not start, where its log says so; else the end of the log. */
function lastWords(path) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  try {
    const { reason } = JSON.parse(lines.at(-1));
    if (typeof reason === 'string') return reason;
  } catch {
    // not a line of our logger, such as the stack of an error that nobody caught
  }
  return lines.slice(-8).join('\n');
}
