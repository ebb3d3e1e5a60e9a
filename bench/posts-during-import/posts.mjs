import { setInterval as every } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';

const ROWS_PER_POST = 10;
const KNOWN = { users: 1_000, items: 500 };

/** The rows of the n-th post. */
function rowsOf(n, { ofKnown }) {
  return Array.from({ length: ROWS_PER_POST }, (_, row) => {
    const place = n * ROWS_PER_POST + row;
    if (ofKnown)
      return { userId: `user-${n % KNOWN.users}`, itemId: `item-${place % KNOWN.items}`, type: 'view' };
    return { userId: `new-${n}`, itemId: `new-item-${place % 1_000}`, type: 'view' };
  });
}

/** Posts to a running API at a steady rate. */
export class Posts {
  #numSent = 0;

  constructor({ port }, perSecond) {
    this.perSecond = perSecond;
    this.url = `http://127.0.0.1:${port}/v1/catalogs/default/interactions`;
  }

  /** The users and items that are there before an import. */
  async makeKnown() {
    for (let n = 0; n < KNOWN.users; n++) await this.send(rowsOf(n, { ofKnown: true }));
  }

  /** @returns milliseconds until the answer */
  async send(interactions) {
    const begun = performance.now();
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ interactions }),
    });
    if (answer.status !== 202 && !answer.ok) throw new StepError(`A post failed: ${await answer.text()}`);
    await answer.arrayBuffer();
    return performance.now() - begun;
  }

  /** @returns milliseconds of all posts that began before the work ended */
  async during(work) {
    const sent = [];
    const ended = new AbortController();
    void work.catch(() => undefined).finally(() => ended.abort());
    try {
      for await (const _ of every(1_000 / this.perSecond, undefined, { signal: ended.signal })) {
        const n = KNOWN.users + this.#numSent++;
        sent.push(this.send(rowsOf(n, { ofKnown: n % 2 === 0 })));
      }
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
    await work;
    return Promise.all(sent);
  }
}
