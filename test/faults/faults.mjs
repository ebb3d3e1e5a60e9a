/**
 * What is done to the service under load, by name. Each ends with the fault taken away; the service has then
 * to come back by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';
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

const HOUR = 3_600;
const STEP_MS = 5_000;

/** To a wrong time and back again, while it works. @param nameOf of the process */
const stepped = (nameOf, seconds) => async (service, random) => {
  const name = nameOf(service, random);
  await service.stepClock(name, seconds);
  await delay(STEP_MS);
  await service.stepClock(name, 0);
};

/** Between the service and its servers. @param names of those that may seem to be away */
const losing = (percent, seconds, names) => async (service) => {
  for (const name of names) service.isDown(name);
  service.network.lose(percent);
  await delay(seconds * 1_000);
  if (service.network.heal() === 0) throw new StepError('No packet was lost.');
};

/** What is not there while most packets are lost. */
const LINK = ['postgres', 'redis', 'link'];

const anyApi = (service, random) => oneOf(service.apis, random);
const anyWorker = (service, random) => oneOf(service.workers, random);

export const FAULTS = {
  'kill-api': (service, random) => service.restart(anyApi(service, random)),
  'kill-worker': (service, random) => service.restart(anyWorker(service, random)),
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
  'clock-api-ahead': stepped(anyApi, HOUR),
  'clock-api-behind': stepped(anyApi, -HOUR),
  'clock-worker-ahead': stepped(anyWorker, HOUR),
  'clock-worker-behind': stepped(anyWorker, -HOUR),
  'clock-postgres-ahead': stepped(() => 'postgres', HOUR),
  'clock-postgres-behind': stepped(() => 'postgres', -HOUR),
  'loss-5': losing(5, 10, []),
  'loss-20': losing(20, 10, LINK),
  'loss-50': losing(50, 10, LINK),
};

/** Those that last only as long as what is killed takes to start. */
export const QUICK = ['kill-api', 'kill-worker', 'kill-postgres', 'kill-redis', 'flush'];

export function oneOf(list, random) {
  return list[Math.floor(random() * list.length)];
}
