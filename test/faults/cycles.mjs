/** Cycles of load, fault and comparison. Which fault comes, and when, follows from the seed and the cycle. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { trainAndActivate } from '../../bench/lib/training.mjs';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { StepError } from '../../scripts/lib/run.mjs';
import { FAULTS, oneOf } from './faults.mjs';
import { Ledger } from './ledger.mjs';
import { Load, NUM_ITEMS } from './load.mjs';
import { Service } from './service.mjs';
import { makeSurroundings } from './surroundings.mjs';

const LONGEST_WAIT_MS = 500;
/** Until all processes say that they miss a server: docs/operations.md says so of its table. */
const NOTICE_LIMIT_MS = 2_000;
const RUN_LIMIT_MS = 120_000;
const ENDED = ['succeeded', 'failed', 'cancelled'];

/**
 * @param options.names of the faults to choose from
 * @param options.flags of the environment of each process
 * @param options.from the first cycle; cycles of the ledger in `folder` are not done again
 * @param onCycle is told of each cycle: its number, fault, findings and figures
 * @returns all findings, of the last comparison too, and the outcomes of all cycles in the ledger
 */
export async function runCycles({ folder, seed, from, cycles, names, flags, onCycle }) {
  mkdirSync(folder, { recursive: true });
  const ledger = new Ledger(join(folder, 'ledger.jsonl'));
  requireSameDisk(ledger, names);
  const { remove, ...surroundings } = makeSurroundings(folder, names);
  const service = new Service({ folder, ...surroundings, flags });
  const findings = [];
  try {
    await service.start(firstPairs());
    const catalog = `${service.urlOf('api-1')}/v1/catalogs/default`;
    await trainAndActivate(catalog, 'popularity', {}, service.keyHeader);
    const first = Math.max(from, ledger.lastCycle + 1);
    for (let cycle = first; cycle < from + cycles && findings.length === 0; cycle++) {
      const outcome = await runCycle({ service, ledger, cycle, seed, names });
      findings.push(...outcome.findings);
      onCycle(outcome);
    }
    if (findings.length === 0)
      findings.push(...(await findWrongPairs(service, new Ledger(join(folder, 'ledger.jsonl')), 'c')));
    return { findings, outcomes: ledger.outcomes };
  } finally {
    await service.stop();
    remove();
  }
}

/** The small disk is gone with the process that has mounted it, and all that was stored there. */
function requireSameDisk({ lastCycle }, names) {
  if (lastCycle > 0 && names.some((name) => name.startsWith('disk')))
    throw new StepError('Cycles with faults of disk cannot be resumed: give another folder.');
}

async function runCycle({ service, ledger, cycle, seed, names }) {
  const random = randomNumbers(createHash('sha256').update(`${seed}/${cycle}`).digest().readUInt32LE());
  const fault = oneOf(names, random);
  const wait = random() * LONGEST_WAIT_MS;
  const load = new Load({ service, ledger, cycle, random });
  await delay(wait);
  const noticedMs = await FAULTS[fault](service, random);
  const over = performance.now();
  await service.untilReady();
  const readyMs = performance.now() - over;
  await load.stop();
  const takenMs = performance.now() - over;
  await load.readAll();
  const findings = [
    ...load.findings,
    ...findLateNotice(noticedMs),
    ...(await findOpenRuns(service, ledger.runsOf(cycle))),
    ...(await findWrongPairs(service, ledger, `c${cycle}-`)),
    ...[await service.endedByItself()].filter(Boolean),
  ];
  const counts = { posts: load.numPosts, lists: load.numLists };
  ledger.ended(cycle, { fault, findings, noticedMs, readyMs, takenMs, ...counts });
  ledger.forget(cycle);
  return ledger.outcomes.at(-1);
}

/** @param noticedMs of a server that was away; undefined of another fault */
function findLateNotice(noticedMs = 0) {
  if (noticedMs < NOTICE_LIMIT_MS) return [];
  return [`the loss was noticed after ${Math.round(noticedMs)} ms, not within ${NOTICE_LIMIT_MS}`];
}

/** So that there are the items of all cycles. */
function firstPairs() {
  return Array.from({ length: NUM_ITEMS }, (_, n) => [`base-${n % 12}`, `item-${n}`]);
}

/** Waits for the runs. @returns a finding for each that did not end well */
async function findOpenRuns(service, ids) {
  const findings = [];
  for (const id of ids) {
    const run = await endOf(service, id);
    if (run.status !== 'succeeded')
      findings.push(`the run ${id} is ${run.status}: ${JSON.stringify(run.error)}`);
  }
  return findings;
}

async function endOf(service, id) {
  for (const deadline = performance.now() + RUN_LIMIT_MS; ; await delay(50)) {
    const url = `${service.urlOf('api-1')}/v1/catalogs/default/training-runs/${id}`;
    const answer = await fetch(url, { headers: service.keyHeader });
    const run = await answer.json();
    if (ENDED.includes(run.status) || performance.now() > deadline) return run;
  }
}

/** What was acknowledged is there once, what had no answer at most once, and nothing else is there. */
async function findWrongPairs(service, ledger, prefix) {
  const rows = await service.query(
    `SELECT u.external_id || ' ' || i.external_id AS pair, count(*)::int AS times
     FROM interactions JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
     WHERE u.external_id LIKE $1 GROUP BY 1`,
    [`${prefix}%`],
  );
  const stored = new Map(rows.map(({ pair, times }) => [pair, times]));
  const findings = [];
  for (const [pair, isAcknowledged] of ledger.pairs(prefix)) {
    const times = stored.get(pair) ?? 0;
    stored.delete(pair);
    if (isAcknowledged && times !== 1) findings.push(`${pair} was acknowledged and is there ${times} times`);
    if (times > 1) findings.push(`${pair} was sent once and is there ${times} times`);
  }
  for (const pair of stored.keys()) findings.push(`${pair} is there and was never sent`);
  return findings;
}
