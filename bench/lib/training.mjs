/** Models of the default catalog of a service that is to be measured. */
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';

/** Trains a model and waits until the API answers by it. @param url of the catalog */
export async function trainAndActivate(url, model, parameters = {}) {
  const body = JSON.stringify({ model, parameters, activate: true });
  const headers = { 'content-type': 'application/json' };
  let run = await (await fetch(`${url}/training-runs`, { method: 'POST', headers, body })).json();
  while (run.status === 'queued' || run.status === 'running') {
    await delay(200);
    run = await (await fetch(`${url}/training-runs/${run.id}`)).json();
  }
  if (run.status !== 'succeeded') throw new StepError(`The run failed: ${JSON.stringify(run.error ?? run)}`);
  while ((await (await fetch(`${url}/popular?k=1`)).json()).modelId !== run.modelId) await delay(50);
}
