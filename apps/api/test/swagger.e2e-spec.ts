import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TestService, twoTastes, type Reply } from '../../../test/support/api.js';
import { DocumentedCalls, MADE_ID, type BodyExample } from '../../../test/support/documented-calls.js';
import type { Call } from '../../../test/support/openapi.js';
import { shellCommandsOf } from '../../../test/support/shell-commands.js';
import { REFUSALS } from '../src/common/refusals.js';

/** Calls that are refused without a parameter of the query. */
const NEED_QUERY = ['delete /v1/catalogs/{catalog}/users/{id}/interactions'];
const NO_UUID = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';

describe('Swagger', () => {
  let service: TestService;
  let run: { readonly id: string; readonly modelId: string };
  let documented: DocumentedCalls;
  let calls: readonly Call[];

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    run = await service.train();
    documented = await DocumentedCalls.of(service, run);
    calls = documented.all;
  });
  afterAll(() => service.stop());

  /** What of an answer is not as the document says, with the call that it answers. */
  const faultsOf = (call: Call, address: string, reply: Reply, isRefused = false): string[] => {
    const faults = documented.document.faultsOf(call, reply);
    if (reply.status >= 300 !== isRefused)
      faults.push(`status ${reply.status}: ${JSON.stringify(reply.body)}`);
    return faults.map((fault) => `${call.method} ${address}: ${fault}`);
  };

  /**
   * Every example of a parameter in the query, one by one, and then the first of each at once, as Swagger
   * UI fills them in.
   */
  const queriesOf = ({ operation }: Call): string[] => {
    const examples = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query')
      .map((parameter) =>
        documented.document.examplesOf(parameter).map((value) => [parameter.name, String(value)]),
      );
    const all = examples.flatMap((values) => values.slice(0, 1));
    const sent = [...examples.flat().map((one) => [one]), ...(all.length > 1 ? [all] : [])];
    return sent.map((pairs) => new URLSearchParams(pairs).toString());
  };

  it('serves its page', async () => {
    expect((await service.get('/docs')).body).toContain('swagger');
  });

  it('has a summary and error answers for every call', () => {
    expect(calls.length).toBeGreaterThan(25);
    for (const { path, method, operation } of calls) {
      const isFallible = Object.keys(operation.responses).some((status) => Number(status) >= 400);
      expect([path, method, operation.summary, isFallible || path === '/health/live']).toEqual([
        path,
        method,
        expect.any(String),
        true,
      ]);
    }
  });

  it('has examples that all run as they stand, and answers them as it says', async () => {
    const faults: string[] = [];
    let [bodies, queries] = [0, 0];
    for (const call of calls) {
      const address = await documented.addressOf(call);
      const examples = documented.bodiesOf(call);
      const bare = NEED_QUERY.includes(`${call.method} ${call.path}`) ? [] : [undefined];
      for (const body of examples.length > 0 ? examples : bare)
        faults.push(...faultsOf(call, address, await documented.send(call, address, body)));
      for (const query of queriesOf(call)) {
        const whole = `${address}?${query}`;
        faults.push(...faultsOf(call, whole, await documented.send(call, whole, examples[0])));
        queries++;
      }
      bodies += examples.length;
    }
    expect(faults).toEqual([]);
    expect(bodies).toBeGreaterThan(11);
    expect(queries).toBeGreaterThan(30);
  });

  it('refuses in the words of its document', async () => {
    const faults: string[] = [];
    const seen = new Set<string>();
    const refuse = async (call: Call, address: string, body?: BodyExample) => {
      const reply = await documented.send(call, address, body);
      faults.push(...faultsOf(call, address, reply, true));
      seen.add(reply.body.type);
    };
    for (const call of calls.filter(({ path }) => path.includes('{catalog}'))) {
      const [body] = documented.bodiesOf(call);
      const isCreated = call.method === 'put' && call.path.endsWith('{catalog}');
      await refuse(
        call,
        await documented.addressOf(call, { catalog: isCreated ? 'No Name' : 'nowhere' }),
        body,
      );
      if (MADE_ID.test(call.path))
        await refuse(call, await documented.addressOf(call, { id: NO_UUID }), body);
      const address = await documented.addressOf(call);
      if (queriesOf(call).length > 0) await refuse(call, `${address}?surprise=1`, body);
      if (!body) continue;
      await refuse(call, address, ['application/json', '{']);
      await refuse(call, address, ['application/xml', '<surprise/>']);
      await refuse(call, address, [body[0], typeof body[1] === 'string' ? 'surprise' : { surprise: 1 }]);
    }
    expect(faults).toEqual([]);
    const names = ['catalog-not-found', 'validation-failed', 'malformed-body', 'unsupported-media-type'];
    expect([...seen]).toEqual(expect.arrayContaining(names.map((name) => `/problems/${name}`)));
  });

  it('names at each call what is refused although the schemas allow it, by a status that is documented', () => {
    const names = new Set(documented.all.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    expect(Object.keys(REFUSALS).filter((name) => !names.has(name))).toEqual([]);
    for (const { method, path, operation } of documented.all)
      for (const { status, because } of REFUSALS[`${method.toUpperCase()} ${path}`] ?? []) {
        expect(Object.keys(operation.responses)).toContain(String(status));
        expect(operation.description).toContain(because);
      }
  });

  it('follows a run by events that are the run', async () => {
    const { body } = await service.get(`training-runs/${run.id}/events`);
    const events = [...String(body).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(documented.document.faults({ $ref: '#/components/schemas/TrainingRun' }, event)).toEqual([]);
  });

  it('does what docs/recommendations.md says: its calls run as they stand', async () => {
    const calls = shellCommandsOf('docs/recommendations.md');
    expect(calls.length).toBeGreaterThan(7);
    for (const call of calls) {
      const command = call
        .replaceAll('http://127.0.0.1:3000', service.url)
        .replaceAll('curl ', `curl -H 'authorization: ${service.keyHeader['authorization']}' `);
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      const [first] = stdout.split('\n');
      const ofPut = { itemId: expect.any(String) };
      const ofList = call.includes('/list-jobs') ? { k: 10, status: 'queued' } : { exact: true };
      const expected = call.includes(' -X PUT ') ? ofPut : ofList;
      expect([call, JSON.parse(first!)]).toEqual([call, expect.objectContaining(expected)]);
    }
  });
});
