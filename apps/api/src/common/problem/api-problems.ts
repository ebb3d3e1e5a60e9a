import { DECORATORS, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import type { ErrorCode } from '#domain';
import { PROBLEMS } from './problem-catalog.js';

/** Body of every error answer, in the document. */
export const problemReply = z
  .object({
    type: z.string().describe('`/problems/` and a code of docs/errors.md'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('this very case in words'),
    instance: z.string().describe('names this very case in the log'),
    errors: z
      .array(z.object({ pointer: z.string().describe('place by RFC 6901, as `#/k`'), detail: z.string() }))
      .optional()
      .describe('invalid places of the request'),
    refused: z
      .number()
      .int()
      .optional()
      .describe('of `unknown-items`: how many rows are refused, of which `errors` names the first'),
    row: z.number().int().optional().describe('of an import: the row that cannot be read, from 1'),
    reason: z.string().optional().describe('of an import: what is wrong with the row'),
  })
  .meta({ id: 'Problem' });

const CODES = 'api-problems:codes';
const PROBLEM_TYPE = 'application/problem+json';
type ResponsesObject = NonNullable<OpenAPIObject['paths'][string]['get']>['responses'];
type ResponseObject = Extract<ResponsesObject[string], { description: string }>;

/**
 * Documents the errors of a call, one example each; what a class says holds for all of its
 * calls, beside their own.
 */
export function ApiProblems(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor) {
      documentProblems(descriptor, codes);
      return;
    }
    const { prototype } = target as { readonly prototype: object };
    for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (name !== 'constructor' && typeof method.value === 'function') documentProblems(method, codes);
  };
}

/** The errors of every call that takes a body. */
export function ApiBodyProblems(): MethodDecorator & ClassDecorator {
  return ApiProblems('malformed-body', 'body-too-large', 'unsupported-media-type', 'validation-failed');
}

/** Methods are decorated before their class. */
function documentProblems(method: PropertyDescriptor, codes: readonly ErrorCode[]): void {
  const known = (Reflect.getMetadata(CODES, method.value as object) ?? []) as ErrorCode[];
  const all = [...new Set([...known, ...codes])];
  Reflect.defineMetadata(CODES, all, method.value as object);
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  for (const status of statuses)
    documentStatus(
      method,
      status,
      all.filter((code) => PROBLEMS[code].status === status),
    );
}

/** In place of what the document has for the status, to which decorators of the library would only add. */
function documentStatus(method: PropertyDescriptor, status: number, codes: readonly ErrorCode[]): void {
  const responses = Reflect.getMetadata(DECORATORS.API_RESPONSE, method.value as object) as
    object | undefined;
  const documented = { ...responses, [status]: responseOf(codes) };
  Reflect.defineMetadata(DECORATORS.API_RESPONSE, documented, method.value as object);
}

/** The problems of one status. */
function responseOf(codes: readonly ErrorCode[]) {
  const content = {
    [PROBLEM_TYPE]: {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
    },
  };
  return { description: codes.map((code) => PROBLEMS[code].title).join('; '), content };
}

/** What every call answers to callers that it does not let in. */
const OF_CALLERS: readonly ErrorCode[] = [
  'key-needed',
  'not-allowed',
  'host-not-allowed',
  'too-many-calls',
  'too-busy',
];
/** What every call can answer, whatever it does. */
const EVERYWHERE: readonly ErrorCode[] = [
  'malformed-request',
  'request-timeout',
  'address-too-long',
  'validation-failed',
  'headers-too-large',
  'internal-error',
];
/** What every call with a body can answer, also one that does not ask for it. */
const WITH_BODY: readonly ErrorCode[] = ['malformed-body', 'body-too-large', 'unsupported-media-type'];
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** Adds to each call of the document what every call can answer. */
export function documentProblemsOfAll(document: OpenAPIObject): OpenAPIObject {
  for (const [address, path] of Object.entries(document.paths))
    for (const method of METHODS) {
      const { responses } = path[method] ?? {};
      const ofCallers = address.startsWith('/health/') ? [] : OF_CALLERS;
      const codes = [...ofCallers, ...EVERYWHERE, ...(method === 'get' ? [] : WITH_BODY)];
      if (responses) for (const code of codes) addProblem(responses, code);
    }
  return document;
}

function addProblem(responses: ResponsesObject, code: ErrorCode): void {
  const { status } = PROBLEMS[code];
  const known = responses[status] as ResponseObject | undefined;
  const codes = Object.keys(known?.content?.[PROBLEM_TYPE]?.examples ?? {}) as ErrorCode[];
  responses[status] = responseOf([...new Set([...codes, code])]);
}

function exampleOf(code: ErrorCode) {
  const { status, title } = PROBLEMS[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: title,
    instance: 'urn:uuid:0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11',
  };
}
