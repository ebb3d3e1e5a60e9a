import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '#domain';
import { SECURITY_HEADERS } from '../../access/security-headers.js';
import { describeProblem } from './describe-problem.js';

type ClientError = Error & { readonly code?: string };
/** The answer that is being sent: Node has no other name for it. */
type ServerSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Answers requests that Node could not read, for which there is no reply; then the connection ends. */
export function answerClientError(error: ClientError, socket: ServerSocket): void {
  const isAnswering = socket._httpMessage?.headersSent ?? false;
  if (error.code !== 'ECONNRESET' && socket.writable && !isAnswering) socket.write(answerTo(error));
  socket.destroySoon();
}

function answerTo(error: ClientError): string {
  const problem = describeProblem(toProblem(error));
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

function toProblem(error: ClientError): DomainError {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new DomainError('headers-too-large', 'Address and headers are longer than the service reads');
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new DomainError('request-timeout', 'The request did not arrive in time');
  return new DomainError('malformed-request', 'This is not a request of HTTP/1.1');
}
