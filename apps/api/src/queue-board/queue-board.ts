import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '#config';
import { DomainError } from '#domain';
import { BLOCK_QUEUE, LIST_QUEUE, QueueConnection, SCHEDULE_QUEUE, TRAINING_QUEUE } from '#queue';

const BOARD_PATH = '/queues';
const READING: readonly string[] = ['GET', 'HEAD'];
/** Of the board's answers; the service has headers of its own for all else. */
const PASSED_ON = ['content-type', 'cache-control', 'etag', 'last-modified'];
/** Would be read from another site. */
const FONTS = /<link href="https:[^>]*>/g;

interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload?: object;
}

interface BoardReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Bull Board: what is in the queues, as pages for a browser. Made when it is first asked for. */
@Injectable()
export class QueueBoard implements OnApplicationShutdown {
  readonly #queues: readonly Queue[];
  #board: Promise<FastifyInstance> | null = null;

  constructor(
    @InjectQueue(TRAINING_QUEUE) training: Queue,
    @InjectQueue(SCHEDULE_QUEUE) schedule: Queue,
    @InjectQueue(LIST_QUEUE) lists: Queue,
    @InjectQueue(BLOCK_QUEUE) blocks: Queue,
    private readonly connection: QueueConnection,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'QUEUE_BOARD'>,
  ) {
    this.#queues = [training, schedule, lists, blocks];
  }

  async onApplicationShutdown(): Promise<void> {
    const board = await this.#board?.catch(() => null);
    await board?.close();
  }

  /** @throws DomainError `route-not-found`, `method-not-allowed`, `not-allowed`, `queue-unavailable` */
  async answer(request: FastifyRequest): Promise<BoardReply> {
    const mode = this.environment.QUEUE_BOARD;
    if (mode === 'off') throw new DomainError('route-not-found', 'QUEUE_BOARD=off: there is no queue board');
    if (!READING.includes(request.method)) {
      if (mode === 'read') throw readOnly();
      refuseOtherPages(request);
    }
    const board = await (this.#board ??= this.#make().catch((error: unknown) => {
      this.#board = null;
      throw error;
    }));
    const asked = questionOf(request);
    const ask = () => board.inject(asked);
    const {
      statusCode: status,
      headers,
      rawPayload,
    } = await (asked.url.startsWith('/api/') ? this.connection.attempt(ask) : ask());
    const passedOn = PASSED_ON.filter((name) => headers[name] !== undefined);
    const isPage = String(headers['content-type']).startsWith('text/html');
    return {
      status,
      headers: Object.fromEntries(passedOn.map((name) => [name, String(headers[name])])),
      body: isPage ? pageFor(request, rawPayload.toString()) : rawPayload,
    };
  }

  async #make(): Promise<FastifyInstance> {
    const { makeBoard } = await import('./board.js');
    const place = this.connection.redis ? 'Redis' : 'PostgreSQL';
    return makeBoard({
      queues: this.#queues,
      title: `Queues in ${place}`,
      isReadOnly: this.environment.QUEUE_BOARD !== 'write',
      path: BOARD_PATH,
    });
  }
}

/** The call as the board's own server gets it. */
function questionOf({ method, url, headers, body }: FastifyRequest): Question {
  return {
    method: method === 'HEAD' ? 'GET' : (method as Question['method']),
    url: url.slice(BOARD_PATH.length).replace(/^(?=$|\?)/, '/'),
    headers: { 'if-none-match': headers['if-none-match'] ?? '' },
    ...(body !== undefined && { payload: body as object }),
  };
}

/** A browser sends the password of the board with whatever a page of another site asks for. */
function refuseOtherPages({ headers: { origin, host = '' }, protocol, publicBase }: FastifyRequest): void {
  const called = `${protocol}://${host}`;
  const own = URL.canParse(publicBase, called) ? new URL(publicBase, called).origin : '';
  if (origin !== undefined && origin !== own)
    throw new DomainError(
      'not-allowed',
      `Pages of another origin may not change queues, and this one is ${own}; behind a proxy set PUBLIC_URL`,
    );
}

/** With the path by which its reader calls the service, and nothing of other sites. */
function pageFor({ publicBase }: FastifyRequest, html: string): string {
  const prefix = publicBase.replace(/^https?:\/\/[^/]*/, '');
  return html
    .replace(`<base href="${BOARD_PATH}/"`, () => `<base href="${prefix}${BOARD_PATH}/"`)
    .replace(FONTS, '');
}

function readOnly(): DomainError {
  const detail = 'The queue board only shows; QUEUE_BOARD=write lets it change queues';
  return new DomainError('method-not-allowed', detail, { allow: READING });
}
