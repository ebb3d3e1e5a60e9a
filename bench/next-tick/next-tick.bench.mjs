/**
 * What a call of `process.nextTick` costs after ten major garbage collections that found none under
 * way: as it is (`plain`), and with one of its objects kept alive as in the API (`kept`). Processes of
 * their own, in turn.
 *   npm run -s bench -- next-tick [--rounds 5] [--json]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { readOptions } from '../lib/options.mjs';
import { machine, median, print, ratio, round } from '../lib/report.mjs';
import { runBenchmark } from '../lib/workspace.mjs';

const options = readOptions({
  rounds: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
});
const rounds = Number(options.rounds);

await runBenchmark(() => {
  const ticks = join(import.meta.dirname, 'ticks.mjs');
  const measure = (name) => Number(execFileSync(process.execPath, ['--expose-gc', ticks, name]));
  const nanoseconds = { plain: [], kept: [] };
  for (let turn = 0; turn < rounds; turn++)
    for (const [name, found] of Object.entries(nanoseconds)) found.push(measure(name));
  const { plain, kept } = nanoseconds;
  print(
    {
      name: 'next-tick',
      machine: machine(),
      versions: { node: process.version },
      rounds,
      medians: { 'plain ns': round(median(plain)), 'kept ns': round(median(kept)) },
      ratios: { plain: ratio(plain, kept) },
    },
    options.json,
  );
});
