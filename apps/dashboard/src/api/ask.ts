import { createClient, type Client, type Problem } from '@sparserec/client';
import { session } from './session.js';

/** The service that this page came from, below whatever path a proxy has put it. */
export const SERVICE_URL = new URL('.', document.baseURI.replace(/#.*/, '')).href.replace(/\/$/, '');

/** Nothing was answered: the service is away, or the way to it. */
export class ServiceAway extends Error {
  override readonly name = 'ServiceAway';
  constructor(cause: unknown) {
    super('The service does not answer', { cause });
  }
}

/** The service has answered that it will not, and why. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
  constructor(
    readonly status: number,
    /** Of docs/errors.md. */
    readonly code: string,
    message: string,
    readonly fields: readonly { readonly pointer: string; readonly detail: string }[],
  ) {
    super(message);
  }
}

const PRECONDITION_FAILED = 412;

/** Somebody else has changed it since it was shown; nothing was stored. */
export class ChangedMeanwhile extends Refused {
  override readonly name = 'ChangedMeanwhile';
  constructor() {
    const message = 'Somebody else has changed it meanwhile, so nothing was stored. It is shown as it is now';
    super(PRECONDITION_FAILED, 'precondition-failed', message, []);
  }
}

interface Answer<T> {
  readonly data?: T | undefined;
  readonly error?: unknown;
  readonly response?: Response | undefined;
}

/** Without cookies and passwords of the browser: it would ask for one in a window of its own. */
export const client: Client = createClient({
  baseUrl: SERVICE_URL,
  auth: () => session.get().key ?? undefined,
  credentials: 'omit',
});

/** A client for one key, before it is known to be any good. */
export function clientWith(key: string): Client {
  return createClient({ baseUrl: SERVICE_URL, auth: () => key, credentials: 'omit' });
}

/** What a call has answered. @throws ServiceAway, Refused */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response) throw isAbort(error) ? error : new ServiceAway(error);
  if (!response.ok) throw refusalOf(response, error);
  return data as T;
}

/** What a call has answered as a file, whatever it holds. @throws ServiceAway, Refused */
export async function askForFile(call: Promise<Answer<unknown>>): Promise<Blob> {
  return (await ask(call)) as Blob;
}

function isAbort(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === 'AbortError';
}

function refusalOf({ status }: Response, error: unknown): Refused {
  const problem = typeof error === 'object' ? (error as Partial<Problem>) : {};
  const code = problem.type?.replace('/problems/', '') ?? 'unknown';
  const message = problem.detail ?? problem.title ?? `The service has answered ${status}`;
  if (status === 401) session.refuse(message);
  if (status === PRECONDITION_FAILED) return new ChangedMeanwhile();
  return new Refused(status, code, message, problem.errors ?? []);
}

/** An error in words for people. */
export function wordsOf(error: unknown): string {
  if (error instanceof Refused && error.fields.length > 0)
    return `${error.message}: ${error.fields.map(({ pointer, detail }) => `${pointer.replace(/^#\/?/, '')} ${detail}`).join('; ')}`;
  return error instanceof Error ? error.message : String(error);
}
