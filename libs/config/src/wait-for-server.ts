import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start-error.js';

/** A server that a process needs, and the variable that says where it is. */
export interface NeededServer {
  readonly name: 'Redis' | 'PostgreSQL';
  readonly variable: string;
}

export interface WaitOptions {
  /** How long to wait for a server that cannot be reached yet. */
  readonly waitMs?: number;
  /** Told once when waiting begins. */
  readonly onWaiting?: (server: NeededServer['name']) => void;
}

const DEFAULT_WAIT_MS = 30_000;
const RETRY_MS = 500;

/**
 * What `attempt` gives, as soon as the server answers.
 *
 * @param explain how to mend a setting that waiting does not mend; null for an error that may pass
 * @throws StartError that names the variable and never a piece of its value
 */
export async function waitForServer<T>(
  { name, variable }: NeededServer,
  attempt: () => Promise<T>,
  explain: (error: unknown) => string | null | Promise<string | null>,
  { waitMs = DEFAULT_WAIT_MS, onWaiting }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof StartError) throw cause;
      const remedy = await explain(cause);
      if (remedy !== null) throw new StartError(`${variable}: ${remedy}`, { cause });
      if (performance.now() + RETRY_MS > deadline)
        throw new StartError(
          `${variable}: ${name} cannot be reached${codeOf(cause)}. Start it, or correct host and port.`,
          { cause },
        );
    }
    if (attempts === 1) onWaiting?.(name);
    await delay(RETRY_MS);
  }
}

/** The message of an error may hold a piece of the address; its code does not. */
function codeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && /^[A-Z0-9_]+$/.test(String(error.code));
  return hasCode ? ` (${String(error.code)})` : '';
}

const TLS_CODE = /CERT|^ERR_(SSL|TLS)_|^EPROTO$|^UNABLE_TO_/;

/** Whether a connection failed since the two sides do not agree on TLS, or on a certificate. */
export function isTlsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TLS_CODE.test(String(error.code));
}
