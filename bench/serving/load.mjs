/** HTTP/1.1 load from one thread: keep-alive connections with one request under way on each. */
import { connect } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';

/** A second: timers have steps of a millisecond. */
const CALLS_IN_TIMER_STEPS = 1_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** One connection: `send` a request, and `onAnswer` is told when its whole answer is there. */
class Connection {
  #socket;
  #pending = [];
  onAnswer = () => undefined;
  isBusy = false;
  failed = 0;

  static async open(port) {
    const connection = new Connection();
    connection.#socket = connect(port, '127.0.0.1');
    connection.#socket.setNoDelay(true);
    await new Promise((done, fail) => connection.#socket.once('connect', done).once('error', fail));
    connection.#socket.on('data', (chunk) => connection.#take(chunk));
    connection.#socket.on('close', () => connection.isBusy && connection.#finish(false));
    return connection;
  }

  send(request) {
    this.isBusy = true;
    this.#socket.write(request);
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#pending.push(chunk);
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = bytes.latin1Slice(0, headEnd).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    if (bytes.length < headEnd + HEAD_END.length + length) return;
    this.#finish(head.startsWith('http/1.1 200'));
  }

  #finish(isGood) {
    this.#pending = [];
    this.isBusy = false;
    if (!isGood) this.failed++;
    this.onAnswer();
  }
}

export function getRequest(path) {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
}

/** As many calls as the connections can carry, each sent when the answer before is there; at most `calls`. */
export async function closedLoad({ port, requests, connections, seconds, calls = Infinity }) {
  const { lines, latencies } = await openLines(port, connections);
  const started = performance.now();
  const until = started + seconds * 1_000;
  let next = 0;
  await Promise.all(
    lines.map(
      (line) =>
        new Promise((done) => {
          let sent = 0;
          const send = () => {
            sent = performance.now();
            line.send(requests[next++ % requests.length]);
          };
          line.onAnswer = () => {
            const now = performance.now();
            latencies.push(now - sent);
            if (now < until && next < calls) send();
            else done();
          };
          send();
        }),
    ),
  );
  return finish(lines, latencies, performance.now() - started);
}

/**
 * Calls at random times of a given mean rate (a Poisson process), whether earlier ones were answered or not.
 * Latency counts from the moment a call was meant to be sent, so a call that finds all connections busy has
 * waited as well. `lateP99` is how late this thread itself came to send. Of the first `startSeconds`, in
 * which connections are opened and the system spreads the processes over its processors, the p99 is given
 * apart. Timers of Node are up to a millisecond late: calls that come closer together would be sent in
 * bursts, whose wait for each other would count as latency. So for these the event loop is turned until one
 * is due, which takes a whole core.
 */
export async function openLoad({ port, requests, connections, seconds, rate, startSeconds = 0, onSecond }) {
  const { lines, latencies } = await openLines(port, connections);
  const startLatencies = [];
  const free = [...lines];
  const due = [];
  const late = [];
  const serve = () => {
    while (free.length > 0 && due.length > 0) {
      const line = free.pop();
      const { at, request } = due.shift();
      line.onAnswer = () => {
        const isAtStart = at - started < startSeconds * 1_000;
        (isAtStart ? startLatencies : latencies).push(performance.now() - at);
        free.push(line);
        serve();
      };
      line.send(request);
    }
  };
  const random = randomNumbers();
  const started = performance.now();
  const until = started + (startSeconds + seconds) * 1_000;
  let [next, second] = [0, 1];
  for (let at = started; at < until; at += (-Math.log(1 - random()) * 1_000) / rate) {
    await untilDue(at, rate);
    late.push(performance.now() - at);
    due.push({ at, request: requests[next++ % requests.length] });
    serve();
    if (at - started > second * 1_000) await onSecond?.(second++);
  }
  while (due.length > 0 || free.length < lines.length) await delay(1);
  return {
    ...finish(lines, latencies, performance.now() - started - startSeconds * 1_000),
    lateP99: percentilesOf(late)(0.99),
    ...(startSeconds > 0 && { startP99: percentilesOf(startLatencies)(0.99) }),
  };
}

async function untilDue(at, rate) {
  if (rate > CALLS_IN_TIMER_STEPS) while (performance.now() < at) await turn();
  else if (performance.now() < at) await delay(at - performance.now());
}

async function openLines(port, connections) {
  const lines = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  return { lines, latencies: [] };
}

function finish(lines, latencies, elapsedMs) {
  for (const line of lines) line.close();
  const percentile = percentilesOf(latencies);
  return {
    answers: latencies.length,
    perSecond: latencies.length / (elapsedMs / 1_000),
    failed: lines.reduce((sum, { failed }) => sum + failed, 0),
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    p999: percentile(0.999),
  };
}

function percentilesOf(values) {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
