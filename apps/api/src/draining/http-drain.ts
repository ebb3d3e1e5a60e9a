import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import onHeaders from 'on-headers';
import { Draining } from './draining.js';

/**
 * Pause without a call after which nobody is taken to send here any more. A connection that is closed just
 * when its client sends is a call without an answer. So no idle one is closed while calls arrive: each
 * client's next call has an answer that closes its connection.
 */
const QUIET_MS = 500;
const LOOK_MS = 50;
/** For answers that are on their way when the bound is reached: by then nobody can connect any more. */
const LAST_ANSWERS_MS = 1_000;
/** Probes go on as long as the process lives, and say nothing about its clients. */
const PROBES = '/health/';

/** What was last received on a connection. */
interface Reception {
  bytesRead: number;
  at: number;
}

/**
 * Lets calls end before the process does: answers those that run and those that still arrive,
 * and closes their connections.
 */
@Injectable()
export class HttpDrain {
  readonly #logger = new Logger(HttpDrain.name);
  readonly #connections = new Map<Socket, Reception>();
  readonly #running = new Set<ServerResponse>();
  #server: Server | undefined;
  #isDraining = false;
  #lastCallAt = 0;

  constructor(private readonly draining: Draining) {}

  /** Calls that were begun and whose answers are not at their end. */
  get running(): Iterable<ServerResponse> {
    return this.#running;
  }

  /** To be called before the server listens. */
  watch(app: NestFastifyApplication): void {
    const fastify = app.getHttpAdapter().getInstance();
    this.#server = fastify.server;
    fastify.server.on('connection', (socket: Socket) => this.#meet(socket));
    fastify.addHook('onRequest', (_request, reply, done) => {
      this.#begin(reply.raw);
      done();
    });
  }

  /**
   * Resolves when no connection is left and nobody can open one; those that are left after the bound are
   * closed with the server.
   */
  async drain(boundMs: number): Promise<void> {
    const startedAt = performance.now();
    this.#isDraining = true;
    this.draining.begin();
    this.#noteCall();
    for (const response of this.#running) this.#closeAfter(response);
    await this.#waitUntil(() => this.#isQuiet() && this.#connections.size === 0, boundMs);
    this.#server?.close();
    await this.#waitUntil(() => this.#connections.size === 0, LAST_ANSWERS_MS);
    const durationMs = Math.round(performance.now() - startedAt);
    const numCut = this.#running.size;
    if (numCut === 0) this.#logger.log({ event: 'api.drained', durationMs });
    else this.#logger.warn({ event: 'api.drain-abandoned', durationMs, numCut });
  }

  async #waitUntil(isDone: () => boolean, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!isDone() && performance.now() < deadline) {
      await delay(LOOK_MS);
      // A connection may wait to be accepted, which comes before this.
      await setImmediate();
      this.#noteReceptions();
      if (this.#isQuiet()) this.#closeIdleConnections();
    }
  }

  #isQuiet(): boolean {
    return performance.now() - this.#lastCallAt >= QUIET_MS;
  }

  #noteCall(): void {
    this.#lastCallAt = performance.now();
  }

  /** A server for `localhost` has a second listener, whose connections are met by their first call. */
  #meet(socket: Socket): void {
    if (this.#connections.has(socket)) return;
    this.#connections.set(socket, { bytesRead: 0, at: performance.now() });
    socket.once('close', () => this.#connections.delete(socket));
  }

  #begin(response: ServerResponse): void {
    this.#meet(response.req.socket);
    this.#running.add(response);
    response.once('close', () => this.#end(response));
    if (!this.#isDraining) return;
    if (!isProbe(response.req)) this.#noteCall();
    this.#closeAfter(response);
  }

  #end(response: ServerResponse): void {
    this.#running.delete(response);
    if (this.#isDraining && !isProbe(response.req)) this.#noteCall();
  }

  /**
   * Closes the connection after this answer, and says so in its head. Not before another answer that is due
   * on the connection, and not while a body still arrives: the rest of it would make the connection break
   * before the client has read its answer.
   */
  #closeAfter(response: ServerResponse): void {
    onHeaders(response, () => {
      if (hasRead(response.req) && this.#isLastOfConnection(response))
        response.setHeader('connection', 'close');
    });
  }

  #isLastOfConnection(response: ServerResponse): boolean {
    const { socket } = response.req;
    return [...this.#running].filter((other) => other.req.socket === socket).at(-1) === response;
  }

  #noteReceptions(): void {
    for (const [socket, reception] of this.#connections) {
      if (socket.bytesRead === reception.bytesRead) continue;
      reception.bytesRead = socket.bytesRead;
      reception.at = performance.now();
    }
  }

  /** Idle is a connection on which no answer is due and of which no part of a call has arrived lately. */
  #closeIdleConnections(): void {
    const busy = new Set([...this.#running].map(({ req }) => req.socket));
    for (const [socket, { at }] of this.#connections)
      if (!busy.has(socket) && performance.now() - at >= QUIET_MS) socket.destroy();
  }
}

function isProbe({ url }: IncomingMessage): boolean {
  return url?.startsWith(PROBES) === true;
}

function hasRead({ complete, headers }: IncomingMessage): boolean {
  return complete || (headers['transfer-encoding'] === undefined && !Number(headers['content-length']));
}
