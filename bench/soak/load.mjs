/** Steady calls: lists of a rolling set of users, posts of new and old ones, items; a training a minute. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';

const TRAIN_EVERY_MS = 60_000;
/** Users who come back; most calls are theirs. */
const RECENT = 2_000;
/** Each needs a connection, which is kept for minutes. */
const MOST_AT_ONCE = 32;
const TAGS = ['drama', 'comedy', 'crime', 'nature', 'music'];

/** How many of a hundred calls each is. */
const MIX = { list: 45, rotated: 8, paged: 7, similar: 8, popular: 7, post: 20, item: 5 };

export class Load {
  /** Answers by their status; `none` without one, `late` that were not sent since too many were open. */
  answers = {};
  #random = randomNumbers(11);
  #open = new Set();
  /** Of the last lists by user, for the interactions that follow from them. */
  #lists = new Map();
  #isOn = true;

  /** @param numUsers users that are stored already, `user-0` and so on; more will come */
  constructor({ catalog, numUsers, numItems }) {
    Object.assign(this, { catalog, numUsers, numItems });
  }

  /** Until `seconds` are over, `rate` calls a second whether earlier ones were answered or not. */
  async run(rate, seconds) {
    const training = this.#train();
    const started = performance.now();
    for (let n = 0; n < rate * seconds; n++) {
      const due = started + (n * 1_000) / rate;
      if (performance.now() < due) await delay(due - performance.now());
      if (this.#open.size >= MOST_AT_ONCE) this.#count('late');
      else this.#begin(this.#call());
    }
    this.#isOn = false;
    await Promise.all([...this.#open]);
    await training;
  }

  #begin(call) {
    this.#open.add(call);
    call.finally(() => this.#open.delete(call));
  }

  async #train() {
    const started = performance.now();
    for (let n = 1; this.#isOn; n++) {
      await this.#send('POST', 'training-runs', { model: 'ease', activate: true });
      while (this.#isOn && performance.now() < started + n * TRAIN_EVERY_MS) await delay(200);
    }
  }

  #call() {
    let rest = this.#random() * 100;
    const name = Object.keys(MIX).find((kind) => (rest -= MIX[kind]) < 0);
    return this[name]();
  }

  list(options = '') {
    return this.#list(this.#someUser(), options);
  }

  rotated() {
    return this.list('&rotation=0.5');
  }

  async paged() {
    const user = this.#someUser();
    const list = await this.#list(user, '&paging=true');
    if (list?.nextCursor) await this.#send('GET', `${listsOf(user)}?k=20&cursor=${list.nextCursor}`);
  }

  async #list(user, options) {
    const list = await this.#send('GET', `${listsOf(user)}?k=20${options}`);
    if (list?.recommendationId) this.#remember(user, list.recommendationId);
    return list;
  }

  #remember(user, id) {
    this.#lists.delete(user);
    this.#lists.set(user, id);
    if (this.#lists.size > RECENT) this.#lists.delete(this.#lists.keys().next().value);
  }

  similar() {
    return this.#send('GET', `items/${this.#someItem()}/similar?k=20`);
  }

  popular() {
    return this.#send('GET', 'popular?k=20');
  }

  post() {
    const user = this.#random() < 0.25 ? `user-${this.numUsers++}` : this.#someUser();
    const recommendationId = this.#lists.get(user);
    const one = () => ({
      userId: user,
      itemId: this.#someItem(),
      ...(recommendationId && { recommendationId }),
    });
    const interactions = this.#random() < 0.5 ? [one()] : [one(), one()];
    const headers = this.#random() < 0.25 ? { 'idempotency-key': randomUUID() } : {};
    return this.#send('POST', 'interactions', { interactions }, headers);
  }

  item() {
    const tags = [TAGS[Math.floor(this.#random() * TAGS.length)]];
    const available = this.#random() < 0.9;
    return this.#send('PUT', `items/${this.#someItem()}`, { title: 'Any title', tags, available });
  }

  /** One in twenty is any user there was. */
  #someUser() {
    const ago = this.#random() * (this.#random() < 0.05 ? this.numUsers : Math.min(RECENT, this.numUsers));
    return `user-${this.numUsers - 1 - Math.floor(ago)}`;
  }

  #someItem() {
    return `item-${Math.floor(this.#random() ** 2 * this.numItems)}`;
  }

  /** @returns what was answered; null of a failure */
  async #send(method, path, body, headers = {}) {
    const request = body
      ? { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
      : { method };
    try {
      const answer = await fetch(`${this.catalog}/${path}`, request);
      this.#count(answer.status);
      const text = await answer.text();
      return answer.ok && text !== '' ? JSON.parse(text) : null;
    } catch {
      this.#count('none');
      return null;
    }
  }

  #count(outcome) {
    this.answers[outcome] = (this.answers[outcome] ?? 0) + 1;
  }
}

function listsOf(user) {
  return `users/${user}/recommendations`;
}
