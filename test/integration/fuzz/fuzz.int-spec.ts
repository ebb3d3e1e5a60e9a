import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REFUSALS } from '../../../apps/api/src/common/refusals.js';
import { TestService, twoTastes } from '../../support/api.js';
import { DocumentedCalls } from '../../support/documented-calls.js';
import { waitFor } from '../../support/processes.js';
import { REDIS_SERVER } from '../../support/redis.js';
import { fuzz, whyNoFuzzer } from './fuzzer.js';

/** `npm run -s bench -- fuzz` asks for more, and for others. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const CASES = Number(process.env['FUZZ_CASES'] ?? 2_000);
/** What covers each schema is at least so many cases, whatever else is asked for. */
const COVERING_CASES = 1_400;
/** Of each further one that is asked for of a call, so many are made of all calls together. */
const CASES_PER_EXAMPLE = 30;
const TIME_LIMIT_MS = 60_000 + 200 * CASES;
const CATALOG = '/v1/catalogs/fuzz';
const PATH = '/v1/catalogs/{catalog}';

const reason = whyNoFuzzer();
const describeWithFuzzer = reason === null ? describe : describe.skip;

interface Answered {
  readonly call: string;
  readonly status: number;
}

describeWithFuzzer(`the service under seeded random calls${reason === null ? '' : ` (${reason})`}`, () => {
  let service: TestService;
  let folder: string;
  let calls: string[];
  let said: string;
  let isSound: boolean;
  let answered: readonly Answered[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-fuzz-'));
    service = await TestService.start({ redis: REDIS_SERVER !== '', needsKeys: true });
    const plan = join(folder, 'plan.json');
    const log = join(folder, 'calls.jsonl');
    const ids = await fillCatalog(service);
    const always = [`GET ${PATH}/training-runs/{id}/events`];
    writeFileSync(log, '');
    writeFileSync(plan, JSON.stringify({ refusals: REFUSALS, catalog: 'fuzz', calls: log, ids, always }));
    const maxExamples = Math.ceil((CASES - COVERING_CASES) / CASES_PER_EXAMPLE);
    [isSound, said] = await fuzz({
      url: service.url,
      headers: service.keyHeader,
      seed: SEED,
      maxExamples,
      plan,
    });
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    answered = lines.map((line) => JSON.parse(line) as Answered);
    const documented = await DocumentedCalls.of(service, { id: '', modelId: '' });
    calls = documented.all.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  }, TIME_LIMIT_MS);
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`answers no call of ${CASES} by 5xx, an undocumented status or what its schema does not say`, () => {
    if (!isSound) throw new Error(said);
    expect(answered.length).toBeGreaterThanOrEqual(CASES);
  });

  it('accepts some of what it is sent, of every call', () => {
    const accepted = new Set(answered.filter(({ status }) => status < 400).map(({ call }) => call));
    expect(calls.filter((call) => !accepted.has(call))).toEqual([]);
  });

  it('lists refusals of calls that there are, each with a documented status', async () => {
    const documented = await DocumentedCalls.of(service, { id: '', modelId: '' });
    for (const [name, refusals] of Object.entries(REFUSALS)) {
      const call = documented.all.find(({ method, path }) => `${method.toUpperCase()} ${path}` === name)!;
      for (const { status, because } of refusals) {
        expect(Object.keys(call.operation.responses)).toContain(String(status));
        expect(call.operation.description).toContain(because);
      }
    }
  });
});

/**
 * A small catalog with a model, after whose training the worker ends, so that runs that are queued stay so.
 * @returns ids by call
 */
async function fillCatalog(service: TestService): Promise<Readonly<Record<string, readonly string[]>>> {
  const names = (name: string, length = 40) => Array.from({ length }, (_, n) => `${name}-${n}`);
  const put = (path: string, body?: unknown) => service.send('PUT', path, body);
  await put(CATALOG);
  await service.send('POST', `${CATALOG}/interactions`, { interactions: twoTastes() });
  const run = await service.train({ model: 'ease', parameters: { regularization: 5 } }, CATALOG);
  await put('/v1/catalogs/fuzz-gone');
  const { body: deletion } = await service.send('DELETE', '/v1/catalogs/fuzz-gone');
  const listJobs = await makeLists(service, 4);
  await service.worker.kill('SIGTERM');
  const gone = names('gone');
  await service.send('POST', `${CATALOG}/items`, { items: gone.map((itemId) => ({ itemId })) });
  const schedule = { cron: '0 3 * * *', model: 'ease' };
  for (const name of ['nightly', ...gone]) await put(`${CATALOG}/schedules/${name}`, schedule);
  const queued: string[] = [];
  for (let n = 10; n < 20; n++) {
    const request = { model: 'ease', parameters: { regularization: n } };
    queued.push((await service.send('POST', `${CATALOG}/training-runs`, request)).body.id);
  }
  const keys: string[] = [];
  for (const name of names('key', 20))
    keys.push((await service.send('POST', '/v1/keys', { name, scopes: ['read'] })).body.id);
  const [users, items] = [names('user'), names('item', 24)];
  return {
    'GET /v1/catalog-deletions/{id}': [deletion.id],
    'GET /v1/keys/{id}': keys,
    'POST /v1/keys/{id}/rotate': keys,
    'DELETE /v1/keys/{id}': keys.slice(0, 5),
    [`PUT ${PATH}/interaction-types/{name}`]: ['view', 'buy'],
    [`PATCH ${PATH}/interaction-types/{name}`]: ['view', 'buy'],
    [`PUT ${PATH}/items/{id}`]: names('put'),
    [`PATCH ${PATH}/items/{id}`]: items,
    [`GET ${PATH}/items/{id}`]: items,
    [`DELETE ${PATH}/items/{id}`]: gone,
    [`GET ${PATH}/items/{id}/similar`]: items,
    [`GET ${PATH}/list-jobs/{id}`]: listJobs.slice(0, 1),
    [`GET ${PATH}/list-jobs/{id}/lists`]: listJobs.slice(0, 1),
    [`DELETE ${PATH}/list-jobs/{id}`]: listJobs.slice(1),
    [`GET ${PATH}/models/{id}`]: [run.modelId],
    [`POST ${PATH}/models/{id}/activate`]: [run.modelId],
    [`GET ${PATH}/users/{id}/recommendations`]: users,
    [`GET ${PATH}/users/{id}/similar`]: users,
    [`DELETE ${PATH}/users/{id}/interactions`]: users,
    [`PUT ${PATH}/schedules/{name}`]: ['nightly'],
    [`GET ${PATH}/schedules/{name}`]: ['nightly'],
    [`DELETE ${PATH}/schedules/{name}`]: gone,
    [`GET ${PATH}/training-runs/{id}`]: [run.id],
    [`DELETE ${PATH}/training-runs/{id}`]: queued,
    [`GET ${PATH}/training-runs/{id}/events`]: [run.id],
  };
}

/** Ids of finished list jobs. */
async function makeLists(service: TestService, number: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < number; n++) {
    const { headers } = await service.send('POST', `${CATALOG}/list-jobs`, { k: 3 });
    const job = await waitFor('the list job', async () => {
      const { body } = await service.get(headers.get('location')!);
      return body.finishedAt !== null && body;
    });
    ids.push(job.id);
  }
  return ids;
}
