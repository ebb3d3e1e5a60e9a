/** Models of the default catalog of a service that is to be measured. */
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';

/**
 * Trains a model and waits until the API answers by it.
 *
 * @param url of the catalog
 * @param key header of the key, where one is needed
 */
export async function trainAndActivate(url, model, parameters = {}, key = {}) {
  const get = async (path) => (await fetch(`${url}/${path}`, { headers: key })).json();
  const body = JSON.stringify({ model, parameters, activate: true });
  const headers = { ...key, 'content-type': 'application/json' };
  let run = await (await fetch(`${url}/training-runs`, { method: 'POST', headers, body })).json();
  while (run.status === 'queued' || run.status === 'running') {
    await delay(200);
    run = await get(`training-runs/${run.id}`);
  }
  if (run.status !== 'succeeded') throw new StepError(`The run failed: ${JSON.stringify(run.error ?? run)}`);
  while ((await get('popular?k=1')).modelId !== run.modelId) await delay(50);
}
