/**
 * Seeded random boosts, right and wrong ones and those that try to get out: what is refused is refused as
 * such, what is accepted is made of our own parts alone and computes what mathjs computes, nothing of the
 * process is changed, and no text takes more than 10 ms. Fails where one of this does not hold.
 *   npm run -s bench -- boosts [--texts 1000000] [--seed 1] [--json]
 */
import { all, create } from 'mathjs/number';
import { compile } from '../../dist/apps/api/src/recommendations/requests/boost/boost-compiler.js';
import { BoostError } from '../../dist/apps/api/src/recommendations/requests/boost/boost-expression.js';
import { parseBoost } from '../../dist/apps/api/src/recommendations/requests/boost/boost-parser.js';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print, round } from '../lib/report.mjs';
import { runBenchmark } from '../lib/workspace.mjs';
import { Texts } from './texts.mjs';

const options = readOptions({
  texts: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
});
const [numTexts, seed] = [options.texts, options.seed].map(Number);
const BOUND_MS = 10;
/** A text that took too long is asked again: the machine may have been busy. */
const TIMES_AGAIN = 5;
const TOLERANCE = 1e-12;
const ITEMS = [
  { score: 0.25, popularity: 3, ageDays: 100, lookups: 1 },
  { score: 0, popularity: 0, ageDays: 0.5, lookups: 0 },
];
const KINDS = new Set(['number', 'variable', 'lookup', 'operation']);
/** It compares exactly, as boosts do. */
const math = create(all, { relTol: Number.MIN_VALUE, absTol: 0 });

await runBenchmark(() => {
  const texts = new Texts(randomNumbers(seed));
  const before = describeProcess();
  const found = { accepted: 0, refused: 0, longestMs: 0, findings: [] };
  for (let n = 0; n < numTexts; n++) tryText(texts.next(), found);
  if (describeProcess() !== before) found.findings.push('a text changed an object that all share');
  for (const finding of found.findings.slice(0, 20)) process.stderr.write(`${finding}\n`);
  if (found.findings.length > 0) process.exitCode = 1;
  print(
    {
      name: 'boosts',
      machine: machine(),
      versions: { node: process.version },
      rounds: 1,
      seed,
      medians: {
        accepted: found.accepted,
        refused: found.refused,
        'longest ms': round(found.longestMs),
        findings: found.findings.length,
      },
      ratios: {},
    },
    options.json,
  );
});

function tryText(text, found) {
  let ms = millisecondsOf(text);
  for (let n = 0; ms > BOUND_MS && n < TIMES_AGAIN; n++) ms = Math.min(ms, millisecondsOf(text));
  found.longestMs = Math.max(found.longestMs, ms);
  if (ms > BOUND_MS) found.findings.push(`${JSON.stringify(text)} takes ${round(ms)} ms`);
  try {
    const expression = parseBoost(text);
    found.accepted++;
    if (!isOurs(expression)) found.findings.push(`${JSON.stringify(text)} has parts that are not ours`);
    for (const item of ITEMS) compare(text, expression, item, found);
  } catch (error) {
    found.refused++;
    if (!(error instanceof BoostError)) found.findings.push(`${JSON.stringify(text)} throws ${error}`);
  }
}

/** Of all that a call does with it. */
function millisecondsOf(text) {
  const start = performance.now();
  try {
    const { evaluate, lookups } = compile(parseBoost(text));
    for (const item of ITEMS) evaluate(slotsOf(item, lookups));
  } catch {
    // Looked at apart.
  }
  return performance.now() - start;
}

function slotsOf({ score, popularity, ageDays, lookups: value }, lookups) {
  return Float64Array.from([score, popularity, ageDays, ...lookups.map(() => value)]);
}

function isOurs({ kind, args = [], ...rest }) {
  const isPlain = Object.values(rest).every((value) => ['string', 'number'].includes(typeof value));
  return KINDS.has(kind) && isPlain && args.every(isOurs);
}

function compare(text, expression, item, { findings }) {
  const { evaluate, lookups } = compile(expression);
  const actual = evaluate(slotsOf(item, lookups));
  const look = () => item.lookups;
  const scope = { ...item, tag: look, metadata: look, userTag: look, userMetadata: look };
  const expected = Number(math.evaluate(text, scope));
  const isEqual =
    Object.is(actual, expected) ||
    actual === expected ||
    Math.abs(actual - expected) <= TOLERANCE * (1 + Math.abs(expected));
  if (!isEqual) findings.push(`${JSON.stringify(text)} is ${actual}, and ${expected} by mathjs`);
}

/** Names of what scripts could change for everybody. */
function describeProcess() {
  const shared = [
    globalThis,
    Object.prototype,
    Function.prototype,
    Array.prototype,
    String.prototype,
    process,
  ];
  return JSON.stringify(shared.map((object) => Object.getOwnPropertyNames(object).sort()));
}
