import { setTimeout as delay } from 'node:timers/promises';
import { StepError, step } from './run.mjs';

const CATALOG = '/v1/catalogs/default';
/** How long another process may take to hear of a key. */
const KEY_LIMIT_MS = 5_000;

/** Calls of a service. @param key where it asks for one, else null */
export function serviceAt(url, key) {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const getJson = async (path) => readJson(await fetchAdmitted(url + path, { headers }));
  const postJson = async (path, body) =>
    readJson(
      await fetchAdmitted(url + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  return { url, needsKey: key !== null, getJson, postJson };
}

/** The key was made a moment ago. */
async function fetchAdmitted(address, options) {
  const limit = Date.now() + (options.headers.authorization ? KEY_LIMIT_MS : 0);
  for (;;) {
    const response = await fetch(address, options);
    if (response.status !== 401 || Date.now() > limit) return response;
    await delay(50);
  }
}

/** Trains when no model is active yet. */
export async function trainFirstModel(service) {
  const { modelId } = await service.getJson(`${CATALOG}/popular?k=1`);
  if (modelId !== null) return;
  await step('Training the first model', async () => {
    let run = await service.postJson(`${CATALOG}/training-runs`, { model: 'ease' });
    let shown = performance.now();
    while (run.status === 'queued' || run.status === 'running') {
      await delay(200);
      run = await service.getJson(`${CATALOG}/training-runs/${run.id}`);
      if (performance.now() - shown < 2_000) continue;
      shown = performance.now();
      process.stderr.write(`  ${run.stage}: ${Math.floor(run.progress * 100)} %\n`);
    }
    if (run.status !== 'succeeded')
      throw new StepError(`The first model was not trained: ${run.error?.detail ?? run.status}`);
    await untilServed(service, run.modelId);
  });
}

async function untilServed(service, modelId) {
  while ((await service.getJson(`${CATALOG}/popular?k=1`)).modelId !== modelId) await delay(50);
}

/** Three calls to paste, each with its real answer. */
export async function firstAnswers(service, databaseUrl) {
  const user = await someUser(databaseUrl);
  const { items } = await service.getJson(`${CATALOG}/popular?k=2`);
  const basket = { items: items.map(({ itemId }) => ({ itemId })), k: 3 };
  const calls = [
    { label: 'For a person', path: `/users/${encodeURIComponent(user)}/recommendations?k=3` },
    {
      label: `What goes with "${items[0].title ?? items[0].itemId}"`,
      path: `/items/${encodeURIComponent(items[0].itemId)}/similar?k=3`,
    },
    { label: 'For a basket, nothing stored', path: '/recommendations', body: basket },
  ];
  const parts = [];
  for (const { label, path, body } of calls) {
    const address = CATALOG + path;
    const answer = body ? await service.postJson(address, body) : await service.getJson(address);
    const send = body
      ? ` -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`
      : '';
    const key = service.needsKey ? ' -H "authorization: Bearer $SPARSEREC_KEY"' : '';
    parts.push(`# ${label}\ncurl -s '${service.url}${address}'${key}${send}\n${JSON.stringify(answer)}\n`);
  }
  return `\n${parts.join('\n')}\n(recommendationId is new in every answer.)\n`;
}

async function someUser(databaseUrl) {
  const { Database } = await import('../../dist/libs/data/src/index.js');
  const database = Database.connect(databaseUrl);
  const { rows } = await database.pool.query(
    `SELECT external_id FROM users WHERE catalog_id = 'default' ORDER BY user_key LIMIT 1`,
  );
  await database.close();
  return rows[0].external_id;
}

async function readJson(response) {
  const body = await response.json();
  if (!response.ok) throw new StepError(`${response.url} answered ${response.status}: ${body.detail}`);
  return body;
}
