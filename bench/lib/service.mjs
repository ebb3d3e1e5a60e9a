/** A service that is to be measured, on servers of its own; everything ends with the benchmark. */
import { freePort, startServers } from '../../scripts/lib/servers.mjs';
import { startApp, waitUntilReady } from '../../scripts/lib/service.mjs';
import { folder, stops } from './workspace.mjs';

/** Starts PostgreSQL and Redis. @returns the environment of a service on them, at a port of its own */
export async function startStores() {
  const servers = await startServers(folder, { postgres: true, redis: true });
  stops.push(servers.stop);
  return {
    DATABASE_URL: servers.postgresUrl,
    REDIS_URL: servers.redisUrl,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
  };
}

/** @returns the id of its process */
export function startWorker(env) {
  const worker = startApp('worker', env, folder);
  stops.push(worker.stop);
  return { pid: worker.pid };
}

/** @returns its port and the id of its process, once it is ready */
export async function startApi(env) {
  const api = startApp('api', env, folder);
  stops.push(api.stop);
  await waitUntilReady(api, `http://127.0.0.1:${env.PORT}`);
  return { port: Number(env.PORT), pid: api.pid };
}
