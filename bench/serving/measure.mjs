import { existsSync, readFileSync } from 'node:fs';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { processorSeconds } from '../lib/processor-time.mjs';
import { median, ratio, round } from '../lib/report.mjs';
import { closedLoad, getRequest, openLoad } from './load.mjs';

const CONNECTIONS = [1, 16, 64];
/** Answers that are asked for in one measurement before the order repeats. */
const ORDER = 50_000;
const MEMORY_EVERY_SECONDS = 10;
const START_SECONDS = 1;

/**
 * Calls of all servers in turn, at several numbers of connections; then of each at half of what it can
 * carry; then of ours for as long as `minutes` say.
 *
 * @param ours { name, port, pid }, as are the peers
 * @param paths one a user, asked for in random order
 */
export async function measureServers({ ours, peers }, paths, { seconds, minutes, rounds }) {
  const servers = [ours, ...peers];
  const random = randomNumbers(7);
  const order = Array.from({ length: ORDER }, () => paths[Math.floor(random() * paths.length)]);
  const requests = order.map((path) => getRequest(path));
  await askAll(ours, paths);
  for (const { port } of servers) await closedLoad({ port, requests, connections: 16, seconds });
  const atMost = await measureMost(servers, { requests, seconds }, rounds);
  const { medians, ratios } = atMost;
  for (const { name, port } of servers) {
    const half = { port, requests, connections: 64, rate: atMost.rates[name] / 2 };
    const result = await openLoad({ ...half, startSeconds: START_SECONDS, seconds: 2 * seconds });
    Object.assign(medians, named(`half load ${name}`, result));
  }
  medians['memory MiB'] = memoryOf(ours.pid);
  if (minutes > 0) {
    const half = { port: ours.port, requests, connections: 64, rate: atMost.rates[ours.name] / 2 };
    Object.assign(medians, await watchMemory(ours, { ...half, seconds: minutes * 60 }));
  }
  return { medians, ratios };
}

/**
 * New lists, by processor time an answer: `new`, of users whom the process has cached, each with options that
 * nobody had before; `click`, after each history has changed; `cold`, of users whom only Redis has. In turn
 * with the constant, whose time is divided by theirs: 1 would be a list that costs as much as a constant.
 *
 * @param click stores an interaction of every user
 * @param cold an API that caches a few users, so that each call is of another one
 */
export async function measureNewLists({ ours, cold, constant, click }, paths, rounds) {
  const found = { medians: {}, ratios: {} };
  let numCalls = 0;
  const kinds = [
    { name: 'new', server: ours, pathOf: (path) => `${path}&exclude=nothing-${numCalls++}` },
    { name: 'click', server: ours, prepare: click, pathOf: (path) => path },
    { name: 'cold', server: cold, pathOf: (path) => path },
  ];
  await askAll(cold, paths);
  for (const connections of CONNECTIONS.slice(1))
    for (const { name, server, prepare, pathOf } of kinds) {
      const times = { constant: [], [name]: [] };
      for (let round = 0; round < rounds; round++) {
        await prepare?.();
        const load = (path) => ({
          requests: paths.map((user) => getRequest(path(user))),
          connections,
          seconds: Infinity,
          calls: paths.length,
        });
        times.constant.push(
          (
            await measure(
              constant,
              load((path) => path),
            )
          ).cpuUs,
        );
        times[name].push((await measure(server, load(pathOf))).cpuUs);
      }
      found.medians[`${connections} conn. ${name} cpuUs`] = median(times[name]);
      found.medians[`${connections} conn. constant beside ${name} cpuUs`] = median(times.constant);
      found.ratios[`constant, ${connections} conn. ${name}`] = ratio(times.constant, times[name]);
    }
  return found;
}

/** @returns all figures, ratios of the first server to the others, and the most calls a second of each */
async function measureMost(servers, { requests, seconds }, rounds) {
  const [ours, ...peers] = servers.map(({ name }) => name);
  const found = { medians: {}, ratios: {}, rates: {} };
  for (const connections of CONNECTIONS) {
    const results = await inTurn(servers, rounds, (server) =>
      measure(server, { requests, connections, seconds }),
    );
    const rates = (name) => results[name].map(({ perSecond }) => perSecond);
    for (const { name } of servers) {
      Object.assign(found.medians, withPrefix(`${connections} conn. ${name}`, mediansOf(results[name])));
      found.rates[name] = Math.max(found.rates[name] ?? 0, median(rates(name)));
    }
    for (const peer of peers) found.ratios[`${peer}, ${connections} conn.`] = ratio(rates(ours), rates(peer));
  }
  return found;
}

/** Until everybody's history is where a call finds it, and all code is compiled. */
async function askAll({ port }, paths) {
  const load = { port, requests: paths.map(getRequest), connections: 16, seconds: Infinity };
  await closedLoad({ ...load, calls: 3 * paths.length });
}

async function inTurn(servers, rounds, work) {
  const results = Object.fromEntries(servers.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds; turn++)
    for (const server of servers) results[server.name].push(await work(server));
  return results;
}

async function measure({ port, pid }, load) {
  const before = processorSeconds(pid);
  const result = await closedLoad({ port, ...load });
  const spent = before === null ? null : processorSeconds(pid) - before;
  return { ...result, cpuUs: spent === null ? NaN : (spent * 1e6) / result.answers };
}

function figuresOf({ perSecond, failed, p50, p90, p99, p999, cpuUs, lateP99, startP99 }) {
  return {
    perSecond: round(perSecond),
    ...(cpuUs !== undefined && { cpuUs: round(cpuUs) }),
    p50Ms: round(p50),
    p90Ms: round(p90),
    p99Ms: round(p99),
    p999Ms: round(p999),
    ...(lateP99 !== undefined && { generatorLateP99Ms: round(lateP99) }),
    ...(startP99 !== undefined && { startP99Ms: round(startP99) }),
    failed,
  };
}

function named(prefix, result) {
  return withPrefix(prefix, figuresOf(result));
}

function withPrefix(prefix, figures) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix} ${name}`, value]));
}

function mediansOf(results) {
  const figures = results.map(figuresOf);
  return Object.fromEntries(
    Object.keys(figures[0]).map((name) => [name, median(figures.map((figure) => figure[name]))]),
  );
}

/** Memory at the first fifth, at the end, and at most. */
async function watchMemory(ours, load) {
  const sizes = [];
  const result = await openLoad({
    ...load,
    onSecond: (second) => second % MEMORY_EVERY_SECONDS === 0 && void sizes.push(memoryOf(ours.pid)),
  });
  const fifth = Math.ceil(sizes.length / 5);
  return {
    ...named('long run', result),
    'long run first fifth MiB': median(sizes.slice(0, fifth)),
    'long run last fifth MiB': median(sizes.slice(-fifth)),
    'long run largest MiB': Math.max(...sizes),
  };
}

function memoryOf(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return NaN;
  const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return Math.round(kibibytes / 1_024);
}
