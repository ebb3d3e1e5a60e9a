/**
 * What the service was asked and what it has acknowledged, in a file outside of it: one JSON object a line,
 * each with its cycle. Lines are written before a call is sent and when its answer is there, so a harness
 * that is killed loses nothing either.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export class Ledger {
  #path;
  /** By cycle: pairs of user and item that were sent, as `user item`. */
  #sent = new Map();
  /** By cycle: when a pair was acknowledged, ms of `performance.now()`; 0 for those of an earlier process. */
  #acknowledged = new Map();
  #runs = [];
  /** Of the cycles that have ended, those of earlier processes too. */
  outcomes = [];

  constructor(path) {
    this.#path = path;
    if (existsSync(path)) for (const line of linesOf(path)) this.#take(line, 0);
  }

  sent(cycle, user, item) {
    this.#write({ cycle, sent: [user, item] });
  }

  acknowledged(cycle, user, item) {
    this.#write({ cycle, acknowledged: [user, item] });
  }

  accepted(cycle, run) {
    this.#write({ cycle, run });
  }

  ended(cycle, outcome) {
    this.#write({ cycle, ended: outcome });
  }

  get lastCycle() {
    return this.outcomes.at(-1)?.cycle ?? 0;
  }

  /** @returns pairs of users whose ids begin like this, each with whether it was acknowledged */
  pairs(prefix) {
    return [...this.#sent].flatMap(([cycle, sent]) =>
      [...sent]
        .filter((pair) => pair.startsWith(prefix))
        .map((pair) => [pair, this.#acknowledged.get(cycle)?.has(pair) ?? false]),
    );
  }

  /** Items of a user that were acknowledged before a moment. */
  itemsOf(cycle, user, before = Infinity) {
    const pairs = [...(this.#acknowledged.get(cycle) ?? [])];
    const own = pairs.filter(([pair, at]) => at < before && pair.startsWith(`${user} `));
    return own.map(([pair]) => pair.slice(user.length + 1));
  }

  /** ms of `performance.now()`. */
  acknowledgedAt(cycle, user, item) {
    return this.#acknowledged.get(cycle).get(`${user} ${item}`);
  }

  usersOf(cycle) {
    return [...new Set([...(this.#sent.get(cycle) ?? [])].map((pair) => pair.split(' ')[0]))];
  }

  runsOf(cycle) {
    return this.#runs.filter((run) => run.cycle === cycle).map(({ id }) => id);
  }

  /** What a cycle left behind is not needed any more once it was compared. */
  forget(cycle) {
    this.#sent.delete(cycle);
    this.#acknowledged.delete(cycle);
    this.#runs = this.#runs.filter((run) => run.cycle !== cycle);
  }

  #write(line) {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
    this.#take(line, performance.now());
  }

  #take({ cycle, sent, acknowledged, run, ended }, at) {
    if (sent) entryOf(this.#sent, cycle, () => new Set()).add(sent.join(' '));
    if (acknowledged) entryOf(this.#acknowledged, cycle, () => new Map()).set(acknowledged.join(' '), at);
    if (run) this.#runs.push({ cycle, id: run });
    if (ended) this.outcomes.push({ cycle, ...ended });
  }
}

function entryOf(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/** A last line that was cut off was never acted upon. */
function linesOf(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}
