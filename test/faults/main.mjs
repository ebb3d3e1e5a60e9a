/** What `npm run test:faults` runs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../bench/lib/report.mjs';
import { main } from '../../scripts/lib/main.mjs';
import { CACHE } from '../../scripts/lib/paths.mjs';
import { StepError } from '../../scripts/lib/run.mjs';
import { runCycles } from './cycles.mjs';
import { FAULTS, QUICK } from './faults.mjs';
import { possible } from './surroundings.mjs';

const EARLY_ANSWERS = new URL('early-answers.mjs', import.meta.url).href;

const TIMES = ['noticedMs', 'readyMs', 'takenMs'];

const HELP = `npm run -s test:faults -- [options]

Runs two APIs and two workers on a PostgreSQL and a Redis of their own, sends calls by a key, which count
towards its limit, and does something to them in each cycle: kills a process, empties Redis, takes a server away, steps a clock, loses packets. After
each cycle everything that was acknowledged has to be there exactly once, no list may show what was
acknowledged as seen or unavailable, every accepted run has to end, and no call may fail but for what was
down. The table at the end has median and longest time by fault, of all cycles of the ledger.

  --cycles N       how many cycles (20)
  --seed N         which faults come, and when (1)
  --from N         the first cycle (1)
  --faults A,B     only these; quick = those that last only as long as a start takes; all
  --folder DIR     where data and ledger are kept. Given again, the cycles of its ledger are not repeated
  --early-answers  acknowledges posts before they are stored: this has to be found
  --json           prints one JSON object at the end`;

const { values: options } = parseArgs({
  options: {
    cycles: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    faults: { type: 'string', default: 'quick' },
    folder: { type: 'string' },
    'early-answers': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});

await main(async () => {
  if (options.help) return void process.stdout.write(`${HELP}\n`);
  const names = possible(namesOf(options.faults));
  const folder = options.folder ?? join(CACHE, 'faults');
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  const { findings, outcomes } = await runCycles({
    folder,
    seed: count(options.seed),
    from: count(options.from),
    cycles: count(options.cycles),
    names,
    flags: options['early-answers'] ? { NODE_OPTIONS: `--import=${EARLY_ANSWERS}` } : {},
    onCycle: (outcome) => void process.stderr.write(`${lineOf(outcome)}\n`),
  });
  process.stdout.write(options.json ? `${JSON.stringify(summary(outcomes, findings))}\n` : table(outcomes));
  for (const finding of findings) process.stderr.write(`FOUND ${finding}\n`);
  if (findings.length > 0 && outcomes.length > 0) process.stderr.write(`Again: ${again(outcomes.at(-1))}\n`);
  return findings.length > 0 ? 1 : 0;
});

function namesOf(text) {
  if (text === 'quick') return QUICK;
  if (text === 'all') return Object.keys(FAULTS);
  const names = text.split(',');
  const unknown = names.find((name) => !(name in FAULTS));
  if (unknown === undefined) return names;
  throw new StepError(
    `There is no fault ${unknown}. There are quick, all, ${Object.keys(FAULTS).join(', ')}.`,
  );
}

function count(text) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new StepError(`${text} is no whole number above 0.`);
}

function lineOf({ cycle, fault, readyMs, posts, lists, findings }) {
  const end = findings.length === 0 ? 'ok' : `${findings.length} found`;
  return `${cycle}  ${fault}: ${posts} posts, ${lists} lists, ready after ${Math.round(readyMs)} ms, ${end}`;
}

function again({ cycle, fault }) {
  const { seed, faults } = options;
  return `npm run -s test:faults -- --seed ${seed} --from ${cycle} --cycles 1 --faults ${faults}   (${fault})`;
}

/**
 * By fault: cycles, calls, and three times in ms: from the loss of a server until all processes said so, and
 * from its end until all were ready, and until every call was acknowledged.
 */
function summary(outcomes, findings) {
  const faults = {};
  for (const outcome of outcomes) {
    const sum = (faults[outcome.fault] ??= {
      cycles: 0,
      posts: 0,
      lists: 0,
      noticedMs: [],
      readyMs: [],
      takenMs: [],
    });
    sum.cycles++;
    sum.posts += outcome.posts;
    sum.lists += outcome.lists;
    for (const time of TIMES) if (outcome[time] !== undefined) sum[time].push(outcome[time]);
  }
  for (const sum of Object.values(faults)) for (const time of TIMES) sum[time] = medianAndMost(sum[time]);
  return { seed: Number(options.seed), cycles: outcomes.length, findings, faults };
}

/** @returns null of nothing */
function medianAndMost(values) {
  if (values.length === 0) return null;
  return { median: Math.round(median(values)), most: Math.round(Math.max(...values)) };
}

function table(outcomes) {
  const head = '| fault | cycles | posts | lists | noticed, ms | ready, ms | all taken, ms |\n';
  const rows = Object.entries(summary(outcomes, []).faults).map(
    ([fault, { cycles, posts, lists, ...times }]) => {
      const cells = TIMES.map((time) => (times[time] ? `${times[time].median} / ${times[time].most}` : ''));
      return `| ${[fault, cycles, posts, lists, ...cells].join(' | ')} |\n`;
    },
  );
  return `${head}|${' --- |'.repeat(7)}\n${rows.join('')}`;
}
