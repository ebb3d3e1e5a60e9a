import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Path of promtool, of Debian's package `prometheus`; empty where there is none. */
export const PROMTOOL = process.env['TEST_PROMTOOL'] ?? '';

/** `describe` where there is a promtool to run, else a skipped one whose title says why. */
export function describeWithPromtool(title: string, body: () => void): void {
  if (PROMTOOL === '') describe.skip(`${title} (skipped: TEST_PROMTOOL is not set)`, body);
  else describe(title, body);
}

/** What promtool says: nothing of metrics that are as they should be. @throws when it refuses */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(PROMTOOL, args);
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}
