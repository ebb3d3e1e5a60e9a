import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { ERROR_CODES } from '#domain';
import { TestService, twoTastes } from '../../../../test/support/api.js';
import { DocumentedCalls } from '../../../../test/support/documented-calls.js';
import type { Call } from '../../../../test/support/openapi.js';
import { REDIS_SERVER } from '../../../../test/support/redis.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A text that cannot be encoded. */
export const LONE_SURROGATE = '\ud800';

/** A service with a model, and its addresses. They come from its document, so each new one is there too. */
export class EveryCall {
  private constructor(
    readonly service: TestService,
    readonly documented: DocumentedCalls,
  ) {}

  static async start(): Promise<EveryCall> {
    const service = await TestService.start({ redis: REDIS_SERVER !== '', needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    return new EveryCall(service, await DocumentedCalls.of(service, await service.train()));
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  /** The methods of each path. */
  get methodsOf(): Map<string, Set<string>> {
    const methodsOf = new Map<string, Set<string>>();
    for (const { path, method } of this.documented.all)
      methodsOf.set(path, new Set([...(methodsOf.get(path) ?? []), method.toUpperCase()]));
    return methodsOf;
  }

  /** The request as it is: nothing is mended on its way, as `fetch` would. */
  send({ method, path, body, headers = {} }: Sent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = httpRequest(this.service.url, {
        method,
        path,
        headers: { ...this.service.keyHeader, ...headers, ...length },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        text(response).then((read) => resolve({ status, headers: answered, text: read }), reject);
      });
      sent.end(body);
    });
  }

  /** What of an answer to illegal input is wrong, in words. */
  faultsOf(sent: Sent, { status, headers, text: body }: Answer, expected?: number): string[] {
    const what = `${sent.method} ${sent.path.slice(0, 120)} ${String(sent.body).slice(0, 60)}: ${status}`;
    const isExpected = expected === undefined ? status >= 400 && status < 500 : status === expected;
    if (!isExpected) return [`${what}, expected ${expected ?? '4xx'}: ${body.slice(0, 300)}`];
    if (headers['content-type']?.split(';')[0] !== 'application/problem+json')
      return [`${what} is of type ${headers['content-type']}`];
    if (sent.method === 'HEAD') return body === '' ? [] : [`${what} has a body`];
    const problem = JSON.parse(body) as { readonly type: string; readonly status: number };
    const isKnown = ERROR_CODES.some((code) => problem.type === `/problems/${code}`);
    return isKnown && problem.status === status ? [] : [`${what} is ${body}`];
  }

  async refuseAll(requests: readonly Sent[], expected?: number): Promise<string[]> {
    const faults: string[] = [];
    for (const sent of requests) faults.push(...this.faultsOf(sent, await this.send(sent), expected));
    return faults;
  }

  /** As its first example says. */
  async example(call: Call): Promise<Sent> {
    const [type, body] = this.documented.bodiesOf(call)[0] ?? [];
    return {
      method: call.method.toUpperCase(),
      path: await this.documented.addressOf(call),
      ...(type !== undefined && { headers: { 'content-type': type } }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
  }
}

export function takesBody({ operation }: Call): boolean {
  return operation.requestBody !== undefined;
}
