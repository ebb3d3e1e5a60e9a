import type { Reply, TestService } from './api.js';
import { OpenApiDocument, type Call } from './openapi.js';
import { waitFor } from './processes.js';

/** They get their ids from the service, so examples have the id of one that is there. */
export const MADE_ID = /\/(training-runs|list-jobs|models|catalog-deletions|keys)\/\{id\}/;
const ORDER = ['put', 'post', 'patch', 'get', 'delete'];

/** A body and its content type. */
export type BodyExample = readonly [type: string | undefined, body: unknown];

/**
 * All calls that a service documents, which can be sent by their examples: those that make
 * something first, deletions last.
 */
export class DocumentedCalls {
  readonly all: readonly Call[];
  /** Finished list jobs, by what calls do with them. */
  readonly #listJobs = new Map<string, string>();

  private constructor(
    readonly document: OpenApiDocument,
    private readonly service: TestService,
    private readonly run: { readonly id: string; readonly modelId: string },
  ) {
    this.all = document.calls.sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));
  }

  /** @param run a finished run of the default catalog */
  static async of(
    service: TestService,
    run: { readonly id: string; readonly modelId: string },
  ): Promise<DocumentedCalls> {
    return new DocumentedCalls(new OpenApiDocument((await service.get('/docs-json')).body), service, run);
  }

  /**
   * The address of a call, by the first example of each of its path's parameters unless
   * another value is given.
   */
  async addressOf(call: Call, values: Readonly<Record<string, string>> = {}): Promise<string> {
    const id = values['id'] ?? (MADE_ID.test(call.path) ? await this.#madeId(call) : undefined);
    const given: Readonly<Record<string, string | undefined>> = { ...values, id };
    return call.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = call.operation.parameters!.find((one) => one.name === name)!;
      return encodeURIComponent(given[name] ?? String(this.document.examplesOf(parameter)[0]));
    });
  }

  /** Every example of a body, one by one, and each field's own example within the first. */
  bodiesOf({ operation, path }: Call): BodyExample[] {
    return Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, content]) => {
      // Bytes that are no text cannot be written into a document.
      if (this.document.resolve(content.schema!).format === 'binary') return [];
      const whole = this.document.examplesOf(content);
      expect([path, type, whole]).not.toEqual([path, type, []]);
      const fields = Object.entries(this.document.resolve(content.schema!).properties ?? {}).flatMap(
        ([name, schema]) =>
          this.document.examplesOf({ schema }).map((value) => ({ ...Object(whole[0]), [name]: value })),
      );
      return [...whole, ...fields].map((body) => [type, body] as const);
    });
  }

  async send(
    { method, path }: Call,
    address: string,
    [type, body]: BodyExample = [undefined, undefined],
  ): Promise<Reply> {
    const reply = await this.service.send(method.toUpperCase(), address, body, type);
    // A catalog has one unfinished job.
    if (method === 'post' && path.endsWith('/list-jobs') && reply.status === 202)
      await this.#finishedListJob(reply.headers.get('location')!);
    return reply;
  }

  /** One that is there still, or another. */
  async #listJobFor(purpose: string): Promise<string> {
    const known = this.#listJobs.get(purpose);
    if (known !== undefined && (await this.service.get(`list-jobs/${known}`)).status === 200) return known;
    const location = await waitFor('room for a list job', async () => {
      const { headers } = await this.service.send('POST', 'list-jobs', { k: 3 });
      return headers.get('location');
    });
    const id = await this.#finishedListJob(location);
    this.#listJobs.set(purpose, id);
    return id;
  }

  #finishedListJob(address: string): Promise<string> {
    return waitFor('the list job', async () => {
      const { body } = await this.service.get(address);
      return body.finishedAt === null ? null : (body.id as string);
    });
  }

  /** The id that a call needs; one that ends a run gets a run of its own. */
  async #madeId({ path, method }: Call): Promise<string> {
    if (path.includes('/models/')) return this.run.modelId;
    if (path.includes('/list-jobs/')) return this.#listJobFor(method === 'delete' ? 'end' : 'read');
    if (path.includes('/keys/')) {
      const body = { name: 'made', scopes: ['read'] };
      return (await this.service.send('POST', '/v1/keys', body)).body.id;
    }
    if (path.includes('/catalog-deletions/')) {
      await this.service.send('PUT', '/v1/catalogs/swagger-gone');
      return (await this.service.send('DELETE', '/v1/catalogs/swagger-gone')).body.id;
    }
    if (method !== 'delete') return this.run.id;
    const request = { model: 'ease', parameters: { regularization: 7 } };
    return (await this.service.send('POST', 'training-runs', request)).body.id;
  }
}
