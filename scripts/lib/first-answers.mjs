import { setTimeout as delay } from 'node:timers/promises';
import { StepError, step } from './run.mjs';

const addressOf = (catalog) => `/v1/catalogs/${catalog}`;
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

/** Trains when no model is active yet. Without anything that was liked, lists follow what was used. */
export async function trainFirstModel(service, catalog = 'default') {
  const at = addressOf(catalog);
  const { modelId } = await service.getJson(`${at}/popular?k=1`);
  if (modelId !== null) return;
  await step('Training the first model', async () => {
    let run = await service.postJson(`${at}/training-runs`, { model: 'ease' });
    let shown = performance.now();
    while (run.status === 'queued' || run.status === 'running') {
      await delay(200);
      run = await service.getJson(`${at}/training-runs/${run.id}`);
      if (performance.now() - shown < 2_000) continue;
      shown = performance.now();
      process.stderr.write(`  ${run.stage}: ${Math.floor(run.progress * 100)} %\n`);
    }
    if (run.error?.code === 'no-training-data') {
      process.stderr.write(`  no model yet: ${run.error.detail}\n`);
      return;
    }
    if (run.status !== 'succeeded')
      throw new StepError(`The first model was not trained: ${run.error?.detail ?? run.status}`);
    await untilServed(service, at, run.modelId);
  });
}

async function untilServed(service, at, modelId) {
  while ((await service.getJson(`${at}/popular?k=1`)).modelId !== modelId) await delay(50);
}

/** How many users, items and baskets are tried until one has a list. */
const MOST_TRIED = 20;
const NO_ITEM_LEFT = 'nothing is left that can be recommended';

/**
 * Three calls to paste, each with its real answer. On small data a user may have seen everything, and nothing
 * may go with an item: others are tried then, and a list that is empty all the same says why.
 *
 * @param users ids of some users
 */
export async function firstAnswers(service, users, catalog = 'default') {
  const at = addressOf(catalog);
  const { items } = await service.getJson(`${at}/popular?k=${MOST_TRIED}`);
  const questions = [forPerson(users), ...(items.length > 0 ? [similarTo(items), forBasket(items)] : [])];
  const parts = [];
  for (const { calls, why } of questions) {
    const { label, path, body, answer } = await firstWithItems(service, at, calls);
    const send = body
      ? ` -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`
      : '';
    const key = service.needsKey ? ' -H "authorization: Bearer $SPARSEREC_KEY"' : '';
    const reason = answer.reason === 'no-model' ? 'there is no model yet' : why;
    const empty = answer.items.length === 0 ? ` (an empty list: ${reason})` : '';
    parts.push(
      `# ${label}${empty}\ncurl -s '${service.url}${at}${path}'${key}${send}\n${JSON.stringify(answer)}\n`,
    );
  }
  return `\n${parts.join('\n')}\n(recommendationId is new in every answer.)\n`;
}

function forPerson(users) {
  const toPath = (user) => `/users/${encodeURIComponent(user)}/recommendations?k=3`;
  const known = users.map((user) => ({ label: 'For a person', path: toPath(user) }));
  const anyone = { label: 'For somebody who is new', path: toPath('somebody-new') };
  return { calls: [...known, anyone], why: NO_ITEM_LEFT };
}

function similarTo(items) {
  const calls = items.map(({ itemId, title }) => ({
    label: `What goes with "${title ?? itemId}"`,
    path: `/items/${encodeURIComponent(itemId)}/similar?k=3`,
  }));
  return { calls, why: 'no two items are liked by the same users' };
}

function forBasket(items) {
  const baskets = [items.slice(0, 2), ...items.map((item) => [item])];
  const calls = baskets.map((basket) => ({
    label: 'For a basket, nothing stored',
    path: '/recommendations',
    body: { items: basket.map(({ itemId }) => ({ itemId })), k: 3 },
  }));
  return { calls, why: NO_ITEM_LEFT };
}

/** The first call with a list that is not empty, else the first one. */
async function firstWithItems(service, at, calls) {
  let first = null;
  for (const call of calls) {
    const address = at + call.path;
    const answer = call.body ? await service.postJson(address, call.body) : await service.getJson(address);
    if (answer.items.length > 0) return { ...call, answer };
    first ??= { ...call, answer };
  }
  return first;
}

/** Some users of the default catalog. */
export async function someUsers(databaseUrl) {
  const { Database } = await import('../../dist/libs/data/src/index.js');
  const database = Database.connect(databaseUrl);
  const { rows } = await database.pool.query(
    `SELECT external_id FROM users WHERE catalog_id = 'default' ORDER BY user_key LIMIT ${MOST_TRIED}`,
  );
  await database.close();
  return rows.map((row) => row.external_id);
}

async function readJson(response) {
  const body = await response.json();
  if (!response.ok) throw new StepError(`${response.url} answered ${response.status}: ${body.detail}`);
  return body;
}
