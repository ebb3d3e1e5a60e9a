import { once } from 'node:events';
import {
  request,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { text } from 'node:stream/consumers';

export interface Call {
  readonly method?: string;
  readonly agent?: Agent;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  readonly text: string;
}

/**
 * Sends a call by `node:http`, whose agents keep connections and never send a call twice. @throws when its
 * answer is not whole
 */
export async function call(url: string, { body, ...options }: Call = {}): Promise<Answer> {
  const sent = request(url, options);
  sent.end(body);
  return answerTo(sent);
}

/** @throws when the connection breaks before the end of the answer */
export async function answerTo(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode = 0, headers } = response;
  return { status: statusCode, connection: headers.connection, text: await text(response) };
}
