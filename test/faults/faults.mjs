/**
 * What is done to the service under load, by name. Each ends with the fault taken away; the service has then
 * to come back by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fillDisk } from './disk.mjs';

const killed = (name) => async (service) => {
  const { server } = service[name];
  service.isDown(name);
  await server.kill();
  await server.start();
};

/** @returns after how many ms all processes said so */
const away = (name, seconds) => async (service) => {
  const { server } = service[name];
  service.isDown(name);
  await server.kill();
  const [noticedMs] = await Promise.all([service.untilNoticed(name), delay(seconds * 1_000)]);
  await server.start();
  return noticedMs;
};

/** Connections stay, and nothing comes by them. */
const standingStill = (name, seconds) => async (service) => {
  const { server } = service[name];
  service.isDown(name);
  server.signal('SIGSTOP');
  const [noticedMs] = await Promise.all([service.untilNoticed(name), delay(seconds * 1_000)]);
  server.signal('SIGCONT');
  return noticedMs;
};

export const FAULTS = {
  'kill-api': (service, random) => service.restart(oneOf(service.apis, random)),
  'kill-worker': (service, random) => service.restart(oneOf(service.workers, random)),
  'kill-postgres': killed('postgres'),
  'kill-redis': killed('redis'),
  flush: async (service) => void (await service.redis.flush()),
  'redis-away-1': away('redis', 1),
  'redis-away-10': away('redis', 10),
  'redis-away-60': away('redis', 60),
  'redis-away-300': away('redis', 300),
  'redis-still-10': standingStill('redis', 10),
  'postgres-away-10': away('postgres', 10),
  'postgres-away-60': away('postgres', 60),
  'disk-full-10': fillDisk(10),
};

/** Those that last only as long as what is killed takes to start. */
export const QUICK = ['kill-api', 'kill-worker', 'kill-postgres', 'kill-redis', 'flush'];

export function oneOf(list, random) {
  return list[Math.floor(random() * list.length)];
}
