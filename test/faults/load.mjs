/** Calls of one cycle, on both APIs, all of which the ledger has. What must not happen goes to `findings`. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export const NUM_ITEMS = 120;
const NUM_WRITERS = 3;
const POSTS_A_USER = 4;
const LONGEST_PAUSE_MS = 80;
const RETRY_MS = 50;
/** After the end of a fault, for a call that is still refused. */
const GIVE_UP_MS = 60_000;
/** The staleness bound of users (docs/read-path.md). */
const BOUND_MS = 100;
/** By which every process has heard of an item, by the change feed. */
const ITEM_BOUND_MS = 5_000;
/**
 * By which every process knows again what was acknowledged while it could hear of nothing: a process without
 * both servers answers by the last history that it has cached.
 */
const LINK_BOUND_MS = 5_000;
const CATALOG = '/v1/catalogs/default';
/** What may be answered while something is away. */
const EXCUSES = {
  '/problems/database-unavailable': 'postgres',
  // A transaction that stands still holds its rows.
  '/problems/write-conflict': 'postgres',
};
/** The key is valid and below its limit, whatever is down. */
const REFUSALS = [401, 403, 429];
const TRAIN_EVERY_MS = 3_000;
const RUN = { model: 'popularity', activate: true };

export class Load {
  findings = [];
  numPosts = 0;
  numLists = 0;
  #isOn = true;
  #stoppedAt = Infinity;
  #callers;
  #hidden = null;

  constructor({ service, ledger, cycle, random }) {
    Object.assign(this, { service, ledger, cycle, random });
    const writers = Array.from({ length: NUM_WRITERS }, (_, writer) => this.#write(writer));
    this.#callers = [...writers, this.#read(), this.#hide(), this.#train()];
  }

  /** Waits until every call that was begun is acknowledged, by trying again for as long as it takes. */
  async stop() {
    this.#isOn = false;
    this.#stoppedAt = performance.now();
    await Promise.all(this.#callers);
  }

  /** Asks each API once more for the lists of all users, now that nothing changes any more. */
  async readAll() {
    const linkBound = this.service.upSince('link') + LINK_BOUND_MS - performance.now();
    await delay(Math.max(linkBound, BOUND_MS) + BOUND_MS);
    for (const api of this.service.apis)
      for (const user of this.ledger.usersOf(this.cycle)) await this.#check(api, user);
    await this.#show();
  }

  async #write(writer) {
    for (let n = 0; this.#isOn; n++) {
      const user = `c${this.cycle}-w${writer}-u${n}`;
      for (const item of this.#someItems()) await this.#post(user, item);
    }
  }

  #someItems() {
    const first = Math.floor(this.random() * NUM_ITEMS);
    return Array.from({ length: POSTS_A_USER }, (_, n) => `item-${(first + 7 * n) % NUM_ITEMS}`);
  }

  async #post(user, item) {
    this.ledger.sent(this.cycle, user, item);
    const headers = { 'idempotency-key': randomUUID() };
    const body = { interactions: [{ userId: user, itemId: item }] };
    const answer = await this.#untilTaken('POST', 'interactions', { headers, body });
    if (answer === null) return;
    this.ledger.acknowledged(this.cycle, user, item);
    this.numPosts++;
    if (answer.body.stored + answer.body.duplicates !== 1)
      this.#find(`a post stored nothing: ${answer.text}`);
    await delay(this.random() * LONGEST_PAUSE_MS);
  }

  /** Lists of users whose posts were acknowledged a staleness bound ago. */
  async #read() {
    while (this.#isOn) {
      await delay(this.random() * LONGEST_PAUSE_MS);
      const users = this.ledger.usersOf(this.cycle);
      if (users.length > 0)
        await this.#check(this.#anyApi(), users[Math.floor(this.random() * users.length)]);
    }
  }

  async #check(api, user) {
    const asked = performance.now();
    const isKnown = this.service.upSince('link') < asked - LINK_BOUND_MS;
    const seen = isKnown ? this.ledger.itemsOf(this.cycle, user, asked - BOUND_MS) : [];
    const answer = await this.#call(api, 'GET', `users/${user}/recommendations?k=${NUM_ITEMS}`);
    if (answer === null || answer.status !== 200) return;
    this.numLists++;
    const listed = new Set(answer.body.items.map(({ itemId }) => itemId));
    for (const item of seen.filter((id) => listed.has(id))) {
      const agoMs = Math.round(asked - this.ledger.acknowledgedAt(this.cycle, user, item));
      const when = this.#isOn ? '' : ', after the load';
      this.#find(
        `${api} lists ${item} for ${user}, who was acknowledged to have seen it ${agoMs} ms ago${when}`,
      );
    }
    if (this.#isHidden(asked) && listed.has(this.#hidden.item))
      this.#find(`${api} lists ${this.#hidden.item}, which is unavailable`);
  }

  /** Without PostgreSQL a process cannot hear of it, and says that it is not ready. */
  #isHidden(asked) {
    if (this.#hidden === null) return false;
    const since = Math.max(this.#hidden.from, this.service.upSince('postgres'));
    return since < asked - ITEM_BOUND_MS;
  }

  /** Makes one item unavailable for the cycle. */
  async #hide() {
    const item = `item-${Math.floor(this.random() * NUM_ITEMS)}`;
    const answer = await this.#untilTaken('PUT', `items/${item}`, { body: { available: false } });
    if (answer !== null) this.#hidden = { item, from: performance.now() };
  }

  async #show() {
    if (this.#hidden === null) return;
    const { item } = this.#hidden;
    this.#hidden = null;
    await this.#untilTaken('PUT', `items/${item}`, { body: { available: true } });
  }

  /** Once, and in long cycles again and again. */
  async #train() {
    do {
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await this.#untilTaken('POST', 'training-runs', { headers, body: RUN });
      if (answer !== null) this.ledger.accepted(this.cycle, answer.body.id);
      await this.#pause(TRAIN_EVERY_MS);
    } while (this.#isOn);
  }

  /** Ends early with the load. */
  async #pause(ms) {
    for (const end = performance.now() + ms; this.#isOn && performance.now() < end;) await delay(RETRY_MS);
  }

  /** Calls any API until one has taken it. @returns its answer; null after a finding */
  async #untilTaken(method, path, request) {
    for (;;) {
      const answer = await this.#call(this.#anyApi(), method, path, request);
      if (answer !== null && answer.status < 300) return answer;
      const isRefused = answer !== null && answer.status < 500 && answer.status !== 409;
      if (isRefused || performance.now() > this.#stoppedAt + GIVE_UP_MS) {
        this.#find(`${method} ${path} was never taken: ${answer?.text ?? 'no answer'}`);
        return null;
      }
      await delay(RETRY_MS);
    }
  }

  /** @returns the answer; null where there was none. Finds failures that nothing excuses */
  async #call(api, method, path, { headers, body } = {}) {
    const began = performance.now();
    try {
      const response = await fetch(`${this.service.urlOf(api)}${CATALOG}/${path}`, {
        method,
        headers: {
          ...this.service.keyHeader,
          ...headers,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const answer = { status: response.status, text, body: JSON.parse(text) };
      const excuse = EXCUSES[answer.body.type];
      const isExcused = excuse && this.service.upSince(excuse) >= began;
      if ((answer.status >= 500 && !isExcused) || REFUSALS.includes(answer.status))
        this.#find(`${method} ${path} at ${api}: ${text}`);
      return answer;
    } catch (error) {
      if (this.service.upSince(api) < began)
        this.#find(`${method} ${path} at ${api}, which was up: ${error.cause ?? error}`);
      return null;
    }
  }

  #anyApi() {
    const { apis } = this.service;
    return apis[Math.floor(this.random() * apis.length)];
  }

  #find(what) {
    if (!this.findings.includes(what)) this.findings.push(what);
  }
}
