import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '#config';
import { HttpDrain } from '../../draining/http-drain.js';

/** How often within the limit it is looked for slow clients. */
const LOOKS = 12;
const IMPORT = /\/import(?:\?|$)/;
/** What a client has taken of an answer is 0 or more. */
const SENDS_BODY = -1;

/** Where a call stood when it was first seen there. */
interface Stand {
  readonly mark: number;
  readonly atMs: number;
}

/**
 * Closes connections whose clients hold memory for too long: they take no more of an answer, or do not send a
 * body to its end, which is read whole. Imports have a limit of their own. A timeout of the socket would not
 * do: any byte that the client sends puts it off.
 */
export function cutOffSlowClients(
  app: NestFastifyApplication,
  { IMPORT_IDLE_SECONDS }: Pick<Environment, 'IMPORT_IDLE_SECONDS'>,
): void {
  const limitMs = IMPORT_IDLE_SECONDS * 1_000;
  const drain = app.get(HttpDrain);
  const slow = new SlowClients(limitMs);
  const logger = new Logger('slow-clients');
  const look = () => {
    const cut = slow.find(drain.running, performance.now());
    // Else the system would go on to keep what it was given to send.
    for (const socket of cut) socket.resetAndDestroy();
    if (cut.size > 0) logger.warn({ event: 'clients.cut-off', numCut: cut.size });
  };
  const looks = setInterval(look, limitMs / LOOKS).unref();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onClose', (_fastify, done) => {
      clearInterval(looks);
      done();
    });
}

/** A call that was begun and is not over. */
export type RunningCall = Pick<ServerResponse, 'req'>;

export class SlowClients {
  readonly #stands = new WeakMap<RunningCall, Stand>();

  constructor(private readonly limitMs: number) {}

  /** To be called in looks. @returns connections of calls that stood still since the limit ago */
  find(calls: Iterable<RunningCall>, nowMs: number): ReadonlySet<Socket> {
    const found = new Set<Socket>();
    for (const call of calls) if (this.#isSlow(call, nowMs)) found.add(call.req.socket);
    return found;
  }

  #isSlow(call: RunningCall, nowMs: number): boolean {
    const mark = markOf(call.req);
    const stand = this.#stands.get(call);
    if (mark === null) this.#stands.delete(call);
    else if (stand?.mark !== mark) this.#stands.set(call, { mark, atMs: nowMs });
    else return nowMs - stand.atMs >= this.limitMs;
    return false;
  }
}

/** @returns null where it is not for the client to do something */
function markOf(request: IncomingMessage): number | null {
  const { bytesWritten, writableLength } = request.socket;
  // An answer that was made whole counts as taken when all of it is.
  if (writableLength > 0) return bytesWritten - writableLength;
  return request.complete || IMPORT.test(request.url ?? '') ? null : SENDS_BODY;
}
