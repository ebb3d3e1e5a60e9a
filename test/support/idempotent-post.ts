import type { Reply } from './api.js';

export interface IdempotentPost {
  readonly key: string;
  readonly body?: unknown;
  readonly type?: string | undefined;
  /** Absent: POST. */
  readonly method?: string | undefined;
}

/** An answer with its body as it was sent. */
export interface TextReply extends Reply {
  readonly text: string;
}

/**
 * Sends JSON, text, or a stream, with an `Idempotency-Key`. Paths not from the root are
 * within the default catalog.
 */
export async function postWithKey(
  url: string,
  path: string,
  { key, body, type = 'application/json', method = 'POST' }: IdempotentPost,
): Promise<TextReply> {
  const address = path.startsWith('/') ? path : `/v1/catalogs/default/${path}`;
  const response = await fetch(url + address, {
    method,
    headers: { 'idempotency-key': key, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: toPayload(body), duplex: 'half' }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

function toPayload(body: unknown): string | ReadableStream {
  return typeof body === 'string' || body instanceof ReadableStream ? body : JSON.stringify(body);
}

/** A body that is sent piece by piece. */
export function inPieces(text: string, size = 50_000): ReadableStream {
  let from = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (from >= text.length) controller.close();
      else controller.enqueue(Buffer.from(text.slice(from, (from += size))));
    },
  });
}

/** A body that is sent at once and goes on until `end`. */
export function openBody(text: string): { readonly body: ReadableStream; readonly end: () => void } {
  let end = (): void => undefined;
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(Buffer.from(text));
      end = () => controller.close();
    },
  });
  return { body, end: () => end() };
}
