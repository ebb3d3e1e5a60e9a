import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestService, twoTastes } from '../../../test/support/api.js';

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly example?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }
      >
    >;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
}

/** Runs and models get their ids from the service, so examples have the id of one that is there. */
const MADE_ID = /\/(training-runs|models)\/\{id\}/;

describe('Swagger', () => {
  let service: TestService;
  let run: { readonly id: string; readonly modelId: string };

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    run = await service.train();
  });
  afterAll(() => service.stop());

  /** The id that a call needs; one that ends a run gets a run of its own. */
  const madeId = async (path: string, method: string): Promise<string> => {
    if (path.includes('/models/')) return run.modelId;
    if (method !== 'delete') return run.id;
    const request = { model: 'ease', parameters: { regularization: 7 } };
    return (await service.send('POST', 'training-runs', request)).body.id;
  };

  it('serves its page', async () => {
    expect((await service.get('/docs')).body).toContain('swagger');
  });

  it('has a summary and error answers for every call, and examples that run as they stand', async () => {
    const { body: document } = await service.get('/docs-json');
    const order = ['put', 'post', 'get', 'delete'];
    const calls = Object.entries<Record<string, Operation>>(document.paths)
      .flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
      )
      .sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
    let queries = 0;
    for (const { path, method, operation } of calls) {
      expect([path, method, operation.summary]).not.toContain(undefined);
      if (path !== '/health/live')
        expect(Object.keys(operation.responses).some((status) => Number(status) >= 400)).toBe(true);
      const id = MADE_ID.test(path) ? await madeId(path, method) : '{id}';
      const address = path
        .replace('{id}', id)
        .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(exampleOf(operation, name)));
      const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      const body =
        content &&
        (Object.values(content.examples ?? {})[0]?.value ?? resolve(document, content.schema).example);
      if (content) expect([path, body]).not.toContain(undefined);
      const reply = await service.send(method.toUpperCase(), address, body, type);
      expect([method, path, reply.status, reply.status < 300 ? null : reply.body]).toEqual([
        method,
        path,
        reply.status,
        null,
      ]);
      const examples = (operation.parameters ?? []).flatMap(({ name, in: place, example, schema }) =>
        place === 'query' && (example ?? schema?.example) !== undefined
          ? [[name, String(example ?? (schema!.example as string | number))] as const]
          : [],
      );
      queries += examples.length;
      // Swagger UI fills in all of them at once.
      for (const sent of [...examples.map((one) => [one]), examples]) {
        const query = new URLSearchParams(Object.fromEntries(sent)).toString();
        const answer = sent.length > 0 && (await service.send(method.toUpperCase(), `${address}?${query}`));
        if (answer)
          expect([path, query, answer.status, answer.body.errors]).toEqual([path, query, 200, undefined]);
      }
    }
    expect(queries).toBeGreaterThan(12);
    expect(calls.length).toBeGreaterThan(25);
  });

  it('does what docs/recommendations.md says: its calls run as they stand', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/recommendations.md'), 'utf8');
    const calls = [...text.matchAll(/^curl .*$/gm)].map(([call]) => call);
    expect(calls.length).toBeGreaterThan(7);
    for (const call of calls) {
      const command = call.replaceAll('http://127.0.0.1:3000', service.url);
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      const [first] = stdout.split('\n');
      const expected = call.includes(' -X PUT ') ? { itemId: expect.any(String) } : { exact: true };
      expect([call, JSON.parse(first!)]).toEqual([call, expect.objectContaining(expected)]);
    }
  });
});

function exampleOf({ parameters }: Operation, name: string): string {
  const parameter = parameters!.find((one) => one.name === name)!;
  return parameter.example ?? String(parameter.schema!.example);
}

function resolve(document: { components: { schemas: Record<string, Schema> } }, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;
}
