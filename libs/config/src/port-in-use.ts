import { StartError } from './start-error.js';

interface Listener {
  readonly host: string;
  readonly port: number;
  /** That chooses the port. */
  readonly variable: string;
}

/** An error of `listen`; one that a person can mend says how. */
export function explainListenError(error: unknown, { host, port, variable }: Listener): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return error;
  return new StartError(
    `Port ${port} of ${host} is in use. Choose another with ${variable}, or another address with HOST.`,
  );
}
