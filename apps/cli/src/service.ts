import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { DomainError, ERROR_CODES } from '#domain';

/** The service works on nothing longer than this before it answers. */
const ANSWER_LIMIT_MS = 60_000;
const problem = z.object({ type: z.string(), detail: z.string() });

/** Where a service is, and the key by which it lets in. */
export interface ServiceAddress {
  readonly url: string;
  readonly key?: string | undefined;
}

/** `--url http://127.0.0.1:3000`. */
export function parseServiceUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('write an address such as http://127.0.0.1:3000');
}

/**
 * Calls a service that runs.
 *
 * @param path from the root, with what it names escaped
 * @throws DomainError of the problem that it answers; `validation-failed` when no service
 * answers at the address
 */
export async function callService<Reply>(
  { url, key }: ServiceAddress,
  [method, path]: readonly ['GET' | 'DELETE', string],
  schema: z.ZodType<Reply>,
): Promise<Reply> {
  const response = await fetch(url + path, {
    method,
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  }).catch((cause: unknown) => {
    const hint = 'start it with npm start, or name its address by --url';
    throw new DomainError('validation-failed', `No service answers at ${url}: ${hint}`, { cause });
  });
  const body: unknown = await response.json().catch(() => null);
  const reply = schema.safeParse(body);
  if (response.ok && reply.success) return reply.data;
  throw describe(url, response.status, body);
}

function describe(url: string, status: number, body: unknown): DomainError {
  const { success, data } = problem.safeParse(body);
  if (!success)
    return new DomainError('validation-failed', `What answers at ${url} is not sparserec (HTTP ${status})`);
  const code = ERROR_CODES.find((known) => data.type === `/problems/${known}`) ?? 'internal-error';
  return new DomainError(code, data.detail);
}
