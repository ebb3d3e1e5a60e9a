import { hostname } from 'node:os';
import { CODE_VERSION, nameOfProcess } from '#config';

/** A process of the service, as it calls itself in PostgreSQL. */
export interface ServiceProcess {
  readonly name: string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly startedAt: Date;
  readonly pid: number;
  /** Its end, where it is long. */
  readonly host: string;
}

/** What `application_name` begins with. */
export const PROCESS_PREFIX = 'sr';
/** PostgreSQL cuts off the rest. */
const MOST_CHARACTERS = 63;
const NAME = /^sr ([a-z]+) (\S+) (\S+) ([0-9a-z]+) (\d+) (.*)$/;

/** `application_name` of a connection by which others see this process. */
export function encodeProcess(process: ServiceProcess): string {
  const { name, version, nodeVersion, startedAt, pid, host } = process;
  const seconds = Math.floor(startedAt.getTime() / 1_000).toString(36);
  const before = `${[PROCESS_PREFIX, name, version, nodeVersion, seconds, pid].join(' ')} `;
  // In the name of a container its end says which one it is.
  return before + host.replaceAll(/[^!-~]/g, '?').slice(-Math.max(1, MOST_CHARACTERS - before.length));
}

/** @returns null for a connection of something else */
export function decodeProcess(text: string): ServiceProcess | null {
  const [, name, version, nodeVersion, seconds, pid, host] = NAME.exec(text) ?? [];
  if (!name || !version || !nodeVersion || !seconds || !pid || host === undefined) return null;
  const startedAt = new Date(parseInt(seconds, 36) * 1_000);
  return { name, version, nodeVersion, startedAt, pid: Number(pid), host };
}

const STARTED_AT = new Date(Date.now() - process.uptime() * 1_000);

export function ownProcess(): ServiceProcess {
  const { versions, pid } = process;
  const own = { name: nameOfProcess(), version: CODE_VERSION, nodeVersion: versions.node };
  return { ...own, startedAt: STARTED_AT, pid, host: hostname() };
}
