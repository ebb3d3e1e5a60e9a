import { setTimeout as delay } from 'node:timers/promises';
import { StepError, step } from './run.mjs';

const CATALOG = '/v1/catalogs/default';

/** Trains when no model is active yet. */
export async function trainFirstModel(url) {
  const { modelId } = await getJson(`${url}${CATALOG}/popular?k=1`);
  if (modelId !== null) return;
  await step('Training the first model', async () => {
    let run = await postJson(`${url}${CATALOG}/training-runs`, { model: 'ease' });
    let shown = performance.now();
    while (run.status === 'queued' || run.status === 'running') {
      await delay(200);
      run = await getJson(`${url}${CATALOG}/training-runs/${run.id}`);
      if (performance.now() - shown < 2_000) continue;
      shown = performance.now();
      process.stderr.write(`  ${run.stage}: ${Math.floor(run.progress * 100)} %\n`);
    }
    if (run.status !== 'succeeded')
      throw new StepError(`The first model was not trained: ${run.error?.detail ?? run.status}`);
    await untilServed(url, run.modelId);
  });
}

async function untilServed(url, modelId) {
  while ((await getJson(`${url}${CATALOG}/popular?k=1`)).modelId !== modelId) await delay(50);
}

/** Three calls to paste, each with its real answer. */
export async function firstAnswers(url, databaseUrl) {
  const user = await someUser(databaseUrl);
  const { items } = await getJson(`${url}${CATALOG}/popular?k=2`);
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
    const address = `${url}${CATALOG}${path}`;
    const answer = body ? await postJson(address, body) : await getJson(address);
    const send = body
      ? ` -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`
      : '';
    parts.push(`# ${label}\ncurl -s '${address}'${send}\n${JSON.stringify(answer)}\n`);
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

async function getJson(address) {
  return readJson(await fetch(address));
}

async function postJson(address, body) {
  return readJson(
    await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

async function readJson(response) {
  const body = await response.json();
  if (!response.ok) throw new StepError(`${response.url} answered ${response.status}: ${body.detail}`);
  return body;
}
